import { Injectable } from '@nestjs/common';
import { OnTokenEvent, type TokenEvent } from 'nestjs-oauth-client';
import { print } from './print.js';

/** Hears what happens to tokens. Yours sends a mail on `reauthorization_required`, say. */
@Injectable()
export class EventPrinter {
  @OnTokenEvent()
  tell({ type, client, subject, error, attempts, retryAfter }: TokenEvent): void {
    const about = Object.entries({ error, attempts, retryAfter })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${value}`);
    print('event', [type, client, subject, ...about].filter(Boolean).join('  '));
  }
}
