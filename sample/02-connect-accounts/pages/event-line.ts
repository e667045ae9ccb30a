import type { TokenEvent } from 'nestjs-oauth-client';

export interface EventLine {
  at: number;
  client: string;
  type: string;
  text: string;
}

const texts: Record<TokenEvent['type'], string> = {
  fetched: 'A token was received.',
  refreshed: 'The token was renewed.',
  revoked: 'The provider was told to end the token, and did.',
  fetch_failed: 'No token was received.',
  refresh_failed: 'The token could not be renewed.',
  reauthorization_required: 'The provider refuses to renew: the account must be connected again.',
  cleared: 'The token was forgotten.',
  stored: 'A token was put in by the application.',
  superseded: 'A renewal came too late: the token had been replaced meanwhile.',
  revocation_failed: 'The provider was told to end the token, and did not.',
  scope_changed: 'The provider granted another scope than was asked for.',
  rejected: 'The API refuses a token that was just renewed.',
  id_token_refused: 'The renewal brought an ID token that is not to be believed.',
  cooldown_began: 'The provider fails: it is left alone for a while.',
  cooldown_ended: 'The provider is asked again.',
};

/** An event in plain words. */
export function eventLine({ at, client, type }: TokenEvent): EventLine {
  return { at, client, type, text: texts[type] };
}
