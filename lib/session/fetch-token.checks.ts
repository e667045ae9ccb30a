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
