import { sha256 } from '../../session/hashes.js';
import type { AuthorizationUrlOptions } from '../../session/authorization-flow.js';
import { beginSignIn } from '../../session/sign-in.js';
import type { AuthorizationRequestStore } from '../../store/authorization-request-store.js';
import type { RoutePaths } from '../route-paths.js';
import { localPath } from './local-path.js';
import { demandNavigation } from './origin-checks.js';
import { redirectUriOf } from './own-address.js';
import { redirect, type Reply } from './reply.js';
import { requestedScope } from './requested-scope.js';
import { bindingOf, demanded, sessionOf, type Visit } from './visit.js';

/** `GET {path}/:client/authorize`: sends the user to the authorization server. */
export class AuthorizeRoute {
  readonly #requests: AuthorizationRequestStore;
  readonly #paths: RoutePaths;

  constructor(requests: AuthorizationRequestStore, paths: RoutePaths) {
    this.#requests = requests;
    this.#paths = paths;
  }

  async answer(visit: Visit): Promise<Reply> {
    const { view, runtime, address, cookie, subject, signIn } = visit;
    demandNavigation(view);
    const redirectUri = redirectUriOf(view, address, this.#paths);
    const given = view.query.get('returnTo');
    const returnTo = given === null ? undefined : localPath(given);
    const scope = await scopeOf(visit);
    const options: AuthorizationUrlOptions = {
      binding: bindingOf(visit, cookie.demand(), subject ?? ''),
      redirectUri,
      ...(returnTo !== undefined && { returnTo }),
      ...(scope.length > 0 && { scope }),
    };
    const { url, state } = signIn
      ? await beginSignIn(runtime, subject ?? '', options)
      : await sessionOf(visit, demanded(subject)).authorizationUrl(options);
    await cookie.begun(sha256(state), this.#requests);
    return redirect(url);
  }
}

/** What more is asked for stands beside what the client has and asks for: nothing is given up. */
async function scopeOf(visit: Visit): Promise<string[]> {
  const { view, runtime, subject } = visit;
  const more = requestedScope(view.query.getAll('scope'));
  if (more.length === 0) return [];
  const token = subject === undefined ? undefined : await sessionOf(visit, subject).token();
  return [...new Set([...runtime.settings.scope, ...(token?.scope ?? []), ...more])];
}
