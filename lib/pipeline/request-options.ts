import type { AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { RequestSettings } from './client-settings.js';
import { GrantBinding } from './grant-binding.js';

/** What a single call may say about its token, as `oauth` in its axios config. */
export interface OAuthRequestOptions {
  /** Sends the request as it is: no token, no hooks, no renewal. */
  withholdToken?: boolean;
}

declare module 'axios' {
  interface AxiosRequestConfig {
    /** What this call says about its token; sessions alone read it. */
    oauth?: OAuthRequestOptions;
  }
}

/** What would lead a request past the adapter, or the token past the judged address. */
const FORBIDDEN = ['transport', 'socketPath', 'beforeRedirect', 'auth'] as const;

/** Refuses what a single call may not set. `adapter` is refused before it can take over. */
export function refuseForbidden(
  config: AxiosRequestConfig,
  client: string,
  ownAdapter?: unknown,
): void {
  for (const option of FORBIDDEN) {
    if (config[option] != null) throw forbidden(client, option);
  }
  if (ownAdapter !== undefined && config.adapter !== ownAdapter) throw forbidden(client, 'adapter');
}

/** The error for an option that a single call may not set. */
export function forbidden(client: string, option: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: `A single call may not set "${option}".`,
    remedy:
      option === 'auth'
        ? 'Leave it out: the session places the token.'
        : 'Set transport in the options of the client, or use another HTTP client for that call.',
  });
}

/** Whose token a request carries; `undefined` when it is to be sent as it is. */
export function bindingOf(
  config: InternalAxiosRequestConfig,
  settings: RequestSettings,
  own: GrantBinding,
): GrantBinding | undefined {
  const oauth: OAuthRequestOptions | GrantBinding | undefined = config.oauth;
  if (oauth instanceof GrantBinding && oauth.client !== settings.name) {
    throw new ConfigurationError({
      client: settings.name,
      problem: `The request was made by a session of client "${oauth.client}".`,
      remedy: 'Repeat it through the session that made it.',
    });
  }
  if (!(oauth instanceof GrantBinding) && oauth?.withholdToken === true) return undefined;
  const binding = oauth instanceof GrantBinding ? oauth : own;
  const needsUser = settings.actsForUsers && !settings.shared;
  if (needsUser && binding.subject === '') throw subjectMissing(settings.name);
  return binding;
}

/** The error for a call that names no user where only a user's token will do. */
export function subjectMissing(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: 'This client acts for users, and no user was named.',
    remedy: 'Call for(userId) first, or set shared if one grant serves the whole application.',
  });
}
