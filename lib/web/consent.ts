import type { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import type { OAuthClientError } from '../errors/oauth-client.error.js';
import type { OAuthSession } from '../session/oauth-session.js';
import type { AuthorizeAddress } from './authorize-address.js';
import { ConsentMarker } from './consent-marker.js';
import { CookieJar } from './routes/cookie-jar.js';
import { localPath } from './routes/local-path.js';
import type { RequestView } from './routes/request.view.js';
import type { WebContext } from './web.context.js';

/** By which of the application's routes a user gives the consent that a request needs. */
export interface ConsentRoute {
  /** Of the authorize route, coming back to the request's own path. */
  readonly path: string;
  /** The same for programs: it comes back to where they say. */
  readonly url: string;
  readonly jar: CookieJar;
  readonly marker: ConsentMarker;
}

/** The ways from an error to the consent that ends it. */
export class Consent {
  readonly #web: WebContext;
  readonly #address: AuthorizeAddress;

  constructor(web: WebContext, address: AuthorizeAddress) {
    this.#web = web;
    this.#address = address;
  }

  /**
   * Where the user goes to consent; `undefined` where no route leads there, or where somebody else
   * would have to go: another user, or whoever looks after a shared account.
   */
  async routeFor(
    error: AuthorizationRequiredError,
    view: RequestView,
  ): Promise<ConsentRoute | undefined> {
    const { client, subject, missing: scope } = error;
    const session = await this.#takingPart(client);
    if (client === undefined || !session) return undefined;
    if (!subject || (await this.#web.subjectOf(view.raw)) !== subject) return undefined;
    const path = this.#address.path(client, { returnTo: pathToReturnTo(view), scope });
    const url = this.#address.url(client, { scope });
    if (path === undefined || url === undefined) return undefined;
    const jar = new CookieJar(view, this.#isSecure(view, session));
    return { path, url, jar, marker: new ConsentMarker(jar, error) };
  }

  /** Where to begin again what an error has ended, by a link on its page. */
  async retryOf(error: OAuthClientError, view: RequestView): Promise<string | undefined> {
    const { client, code } = error;
    const isCallback = this.#address.isCallback(view.path);
    const ends = ['authorization_response', 'mismatching_state', 'missing_code', 'scope_mismatch'];
    if (isCallback || ends.includes(code)) {
      if (client === undefined || !(await this.#takingPart(client))) return undefined;
      const { returnTo } = error as { returnTo?: string };
      return this.#address.path(client, { returnTo: returnTo && localOrNot(returnTo) });
    }
    return pathToReturnTo(view);
  }

  /** The client's session, where users connect its account by the routes. */
  async #takingPart(client: string | undefined): Promise<OAuthSession | undefined> {
    if (client === undefined || !this.#address.isMounted) return undefined;
    const session = await this.#web.client(client);
    return this.#address.takesPart(session) ? session : undefined;
  }

  /** By the same rule as the routes, which know the cookie by its name. */
  #isSecure(view: RequestView, { settings: { redirectUri } }: OAuthSession): boolean {
    const { origin = redirectUri } = this.#web.options.routes ?? {};
    const [scheme = `${String(view.raw['protocol'])}:`] = /^https?:/i.exec(origin ?? '') ?? [];
    return scheme.toLowerCase() === 'https:';
  }
}

/** The request's own path and query, where a browser can open them and reads them as nothing else. */
function pathToReturnTo({ method, path, search }: RequestView): string | undefined {
  return method === 'GET' ? localOrNot(`${path}${search}`) : undefined;
}

function localOrNot(path: string): string | undefined {
  try {
    return localPath(path);
  } catch {
    return undefined;
  }
}
