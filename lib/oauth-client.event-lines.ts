import { externalText } from './errors/external-text.js';
import type { TokenEvent, TokenEventType } from './protocol/token-event.js';

/** How much an event matters to who reads the log. */
export type EventLevel = 'debug' | 'warn' | 'error';

const MAX_LISTED = 50;
/** Failures of an exchange that the user brings about; nobody need look into them. */
const OF_USER: ReadonlySet<string> = new Set(['invalid_grant', 'access_denied', 'expired_token']);

/** The level of each type; {@link levelOf} knows the failures that are errors. */
const LEVELS: Readonly<Record<TokenEventType, 'debug' | 'warn'>> = {
  fetched: 'debug',
  refreshed: 'debug',
  stored: 'debug',
  cleared: 'debug',
  revoked: 'debug',
  superseded: 'debug',
  fetch_failed: 'warn',
  refresh_failed: 'warn',
  reauthorization_required: 'warn',
  revocation_failed: 'warn',
  scope_changed: 'warn',
  rejected: 'warn',
  id_token_refused: 'warn',
  cooldown_began: 'warn',
  cooldown_ended: 'warn',
};

const SENTENCES: Readonly<Record<TokenEventType, (event: TokenEvent) => string>> = {
  fetched: () => 'A token was received.',
  refreshed: () => 'The token was renewed.',
  stored: () => 'A token was stored by the application.',
  cleared: () => 'The token was deleted by the application.',
  revoked: (event) => `The server has revoked ${tokensOf(event)}.`,
  superseded: () => 'A renewal came too late: the token was set or deleted meanwhile.',
  fetch_failed: ({ error }) => `No token was received: ${word(error)}.`,
  refresh_failed: (event) => `No token could be got: ${word(event.error)}; ${nextTryOf(event)}.`,
  reauthorization_required: ({ reason }) => `The user must authorize again: ${word(reason)}.`,
  revocation_failed: (event) =>
    `The server has not revoked ${tokensOf(event)}: ${word(event.error)}.`,
  scope_changed: (event) => `The scope is not what was asked for: ${scopeOf(event)}.`,
  rejected: () => 'The API refuses a token that was just renewed; it is not renewed for a while.',
  id_token_refused: ({ error }) =>
    `The ID token of a renewal is refused, and the former one stands: ${word(error)}.`,
  cooldown_began: ({ error, retryAfter }) =>
    `The token endpoint is left alone for ${retryAfter} s: ${word(error)}.`,
  cooldown_ended: () => 'The token endpoint is asked again.',
};

/** The level of an event. */
export function levelOf({ type, final, error = '' }: TokenEvent): EventLevel {
  const isError = final === true && !(type === 'fetch_failed' && OF_USER.has(error));
  return isError ? 'error' : LEVELS[type];
}

/** An event as one sentence; nothing of it can begin another line. */
export function sentenceOf(event: TokenEvent): string {
  return `OAuth client "${word(event.client)}": ${SENTENCES[event.type](event)}`;
}

/** An event as fields, all of them texts, numbers or short lists. */
export function fieldsOf(
  { type, at: _loggedAnyway, subject, ...about }: TokenEvent,
  withSubject: boolean,
): Record<string, unknown> {
  return cleaned({ event: type, ...about, ...(withSubject && { subject }) });
}

/** Fields without those that are not there, and without anything that a log could misread. */
export function cleaned(fields: object): Record<string, unknown> {
  const there = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, clean(value)]));
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MAX_LISTED).map(clean);
  return typeof value === 'string' ? (externalText(value) ?? '') : value;
}

function word(text: string | undefined): string {
  return externalText(text) ?? 'unknown';
}

function nextTryOf({ final, retryAfter }: TokenEvent): string {
  if (retryAfter !== undefined) return `the next try is made in ${retryAfter} s`;
  return final ? 'the same request again is of no use' : 'it is tried again when it is needed';
}

function tokensOf({ tokenTypes = [] }: TokenEvent): string {
  const names = tokenTypes.map((type) => `the ${type.replace('_', ' ')}`);
  return names.join(' and ') || 'a token';
}

function scopeOf({ missing = [], additional = [] }: TokenEvent): string {
  const parts = [
    ...(missing.length > 0 ? [`not granted: ${missing.join(' ')}`] : []),
    ...(additional.length > 0 ? [`granted unasked: ${additional.join(' ')}`] : []),
  ];
  return word(parts.join('; '));
}
