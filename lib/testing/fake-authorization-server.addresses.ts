import { endpointUrl, type FakeServerContext } from './fake-authorization-server.context.js';

/** Where the endpoints of a `FakeAuthorizationServer` are: absolute URLs. */
export abstract class FakeServerAddresses {
  /** @internal */
  protected readonly context: FakeServerContext;

  protected constructor(context: FakeServerContext) {
    this.context = context;
  }

  /** The origin. */
  get url(): string {
    return this.context.urls.origin;
  }

  get issuer(): string {
    return this.context.urls.issuer;
  }

  get authorizationEndpoint(): string {
    return endpointUrl(this.context, '/authorize');
  }

  get tokenEndpoint(): string {
    return endpointUrl(this.context, '/token');
  }

  get endSessionEndpoint(): string {
    return endpointUrl(this.context, '/logout');
  }

  get revocationEndpoint(): string {
    return endpointUrl(this.context, '/revoke');
  }

  get introspectionEndpoint(): string {
    return endpointUrl(this.context, '/introspect');
  }

  get userinfoEndpoint(): string {
    return endpointUrl(this.context, '/userinfo');
  }

  get deviceAuthorizationEndpoint(): string {
    return endpointUrl(this.context, '/device_authorization');
  }

  get jwksUri(): string {
    return endpointUrl(this.context, '/jwks');
  }

  /** The base of the protected API, `…/api`. */
  get apiUrl(): string {
    return `${this.context.urls.apiOrigin}/api`;
  }
}
