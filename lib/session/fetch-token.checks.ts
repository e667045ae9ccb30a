import { ConfigurationError } from '../errors/configuration.errors.js';
import type { FetchTokenOptions } from './session.options.js';

/** What each grant takes of the arguments that only some grants have. */
const ARGUMENTS: Readonly<Record<string, readonly (keyof FetchTokenOptions)[]>> = {
  authorization_code: [
    'authorizationResponse',
    'binding',
    'code',
    'state',
    'codeVerifier',
    'redirectUri',
  ],
  implicit: ['authorizationResponse', 'binding'],
  password: ['username', 'password'],
};
const PARTICULAR = [...new Set(Object.values(ARGUMENTS).flat())];

/** The grant comes from the configuration; arguments of another one are a mistake. */
export function demandFitting(client: string, grant: string, options: FetchTokenOptions): void {
  const fitting = ARGUMENTS[grant] ?? [];
  const misfit = PARTICULAR.find((name) => options[name] !== undefined && !fitting.includes(name));
  if (misfit === undefined) return demandOneSource(client, options);
  throw new ConfigurationError({
    client,
    problem: `fetchToken() was given "${misfit}", which the grant ${grant} does not take.`,
    remedy: 'Leave it out, or set the grant that was meant in the options of the client.',
  });
}

/** A callback brings code and state with it: what contradicts it is a mistake. */
function demandOneSource(client: string, options: FetchTokenOptions): void {
  if (options.authorizationResponse === undefined) return;
  const other = (['code', 'state', 'codeVerifier', 'redirectUri'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (other === undefined) return;
  throw new ConfigurationError({
    client,
    problem: `fetchToken() was given an authorizationResponse, and "${other}" beside it.`,
    remedy: 'Pass one of them: the callback was begun with what is needed.',
  });
}

/** The error of a method that only one grant has. */
export function wrongGrant(client: string, needed: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: `This needs the grant ${needed}.`,
    remedy: `Set grant: '${needed}' in the options of the client.`,
  });
}

/** The error of a password grant without its two halves. RFC 6749, section 4.3.2. */
export function credentialsMissing(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: 'The password grant needs a username and a password.',
    remedy: 'Pass both to fetchToken().',
  });
}

/** The error of a code alone, where an ID token has come with it that is to be judged. */
export function frontChannelSkipped(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: "With the response type 'code id_token' a code does not come alone.",
    remedy: 'Pass the whole callback as authorizationResponse, its ID token included.',
  });
}

/** What begins the grants that no authorization URL does. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  password: 'Pass username and password to fetchToken().',
  device_code: 'Subscribe to authorizeDevice$().',
  implicit: 'Pass the full callback URL, its fragment included, to tokenFromFragment().',
};

/** What to do instead of a method that does not go with the grant. */
export function remedyOf(grant: string): string {
  return BEGINNINGS[grant] ?? "Set grant: 'authorization_code', or call the API right away.";
}

/** The error of a grant that fetchToken() cannot get a token by, or not without a callback. */
export function notByFetchToken(client: string, grant: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: `fetchToken() was given nothing that the grant ${grant} can get a token by.`,
    remedy: remedyOf(grant),
  });
}
