import { ConfigurationError } from '../errors/configuration.errors.js';

/** What `connectUrl()` is given beside the client. */
export interface ConnectUrlOptions {
  /** Where inside the application to go on then: a path such as `/settings`. */
  returnTo?: string;
  /** Scope to ask for beside the client's own and what is granted already. */
  scope?: readonly string[];
}

/** What knows where the application's own routes are. */
export interface ConnectAddresses {
  /** The full address; `undefined` for a client that does not take part. */
  urlOf(client: string, options: ConnectUrlOptions): string | undefined;
}

/** Addresses by which users begin to connect their accounts, for mails and messages. */
export class ConnectUrls {
  #addresses: ConnectAddresses | undefined;

  /** Tells where the routes are. */
  use(addresses: ConnectAddresses): void {
    this.#addresses = addresses;
  }

  /** @throws ConfigurationError where there are no routes, or the client does not take part. */
  of(client: string, options: ConnectUrlOptions): string {
    const url = this.#addresses?.urlOf(client, options);
    if (url !== undefined) return url;
    throw new ConfigurationError({
      client,
      problem: 'There is no route by which users connect an account of it.',
      remedy:
        'Set the option routes of the module, and let the client take part: its grant is authorization_code, and routes.clients, if set, names it.',
    });
  }
}
