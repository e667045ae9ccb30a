import { ConfigurationError } from '../errors/configuration.errors.js';
import type { Params } from '../protocol/params.js';
import { paramsProblems } from './option-values.js';

/** What the library itself sends, and remembers for the callback; and which option decides it. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['client_id', 'clientId of the client'],
  ['redirect_uri', 'redirectUri'],
  ['scope', 'scope'],
  ['state', 'state'],
  ['response_type', 'grant of the client'],
  ['code_challenge', 'codeVerifier, or pkce of the client'],
  ['code_challenge_method', 'pkce of the client'],
]);

/** RFC 7636, section 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/**
 * Throws where further parameters of an authorization request would contradict what its callback is
 * judged by.
 *
 * @param own - What the request has of its own; a parameter that says the same is no contradiction.
 */
export function demandFurther(
  client: string,
  option: 'params' | 'authorizationParams',
  params: Params | undefined,
  own: Readonly<Record<string, string | undefined>>,
): void {
  for (const { option: name, problem, remedy } of paramsProblems(option, params)) {
    throw new ConfigurationError({ client, problem: `"${name}": ${problem}`, remedy });
  }
  for (const [name, value] of Object.entries(params ?? {})) {
    const ours = Object.hasOwn(own, name) ? own[name] : undefined;
    const instead = OPTIONS.get(name);
    if (value === undefined || value === ours) continue;
    if (ours === undefined && instead === undefined) continue;
    throw new ConfigurationError({
      client,
      problem: `"${name}" in ${option} would override what the library sends and judges by.`,
      remedy: instead === undefined ? 'Leave it out.' : `Use the option ${instead} instead.`,
    });
  }
}

/**
 * The `max_age` that an authorization request sends, in seconds: the answer is judged by it. OpenID
 * Connect Core 1.0, section 3.1.2.1.
 */
export function maxAgeOf(
  client: string,
  ...params: readonly (Params | undefined)[]
): number | undefined {
  const sent = params.flatMap((some) => (some?.['max_age'] === undefined ? [] : [some['max_age']]));
  const value = sent.at(-1);
  if (value === undefined) return undefined;
  const text = [value].flat().join(' ');
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new ConfigurationError({
    client,
    problem: 'The parameter max_age is no number of seconds.',
    remedy: "Write it as text, such as max_age: '3600'.",
  });
}

/** Throws unless a verifier of the application's is one. RFC 7636, section 4.1. */
export function demandVerifier(client: string, verifier: unknown): void {
  if (verifier === undefined || (typeof verifier === 'string' && VERIFIER.test(verifier))) return;
  throw new ConfigurationError({
    client,
    problem: 'The codeVerifier is no verifier of RFC 7636.',
    remedy: 'Pass 43 to 128 of the characters A-Z a-z 0-9 - . _ ~, or leave it out.',
  });
}

/** Throws where a verifier was given and no proof key is sent. */
export function demandNoVerifier(client: string, verifier: unknown): void {
  if (verifier === undefined) return;
  throw new ConfigurationError({
    client,
    problem: 'A codeVerifier was given, and this client sends no proof key.',
    remedy: "Leave it out, or set pkce: 'S256' in the options of a client with the code grant.",
  });
}
