import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Signs calls with the key that Acme gave this application, beside its client secret. */
@Injectable()
export class RequestSigner {
  sign(...parts: string[]): string {
    const key = process.env['ACME_SIGNING_KEY']!;
    return createHmac('sha256', key).update(parts.join('\n')).digest('base64url');
  }
}
