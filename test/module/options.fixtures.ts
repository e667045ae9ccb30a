import {
  ConfigurationError,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { bootClients } from '../support/application.js';
import { failure } from '../support/failure.js';

export const SECRET = 'a-secret-that-must-not-show';

export const good: OAuthClientOptions = {
  clientId: 'client',
  clientSecret: SECRET,
  authorizationEndpoint: 'https://login.example/authorize',
  tokenEndpoint: 'https://login.example/token',
  baseURL: 'https://api.example',
};

/** What a boot with these options fails with. */
export function bootFailure(options: OAuthClientModuleOptions): Promise<ConfigurationError> {
  return failure(() => bootClients(options), ConfigurationError);
}

/** Mistakes are what types forbid: here they are made all the same. */
export const wrong = (options: object) => options as unknown as Partial<OAuthClientOptions>;
