import { Injectable } from '@nestjs/common';
import { OnTokenUpdated, type TokenSet, type TokenUpdatedContext } from 'nestjs-oauth-client';
import { say } from './say.js';

@Injectable()
export class TokenLog {
  /** Hears of every new token, in the process that got it: stored already, not used yet. */
  @OnTokenUpdated('acme')
  updated(token: TokenSet, { subject, previous }: TokenUpdatedContext): void {
    const minutes = Math.round((token.expiresIn() ?? 0) / 60);
    const which = previous ? 'a renewed token' : 'a first token';
    say('@OnTokenUpdated', `${which} for ${subject}, good for ${minutes} minutes`);
  }
}
