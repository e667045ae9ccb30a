import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import { MismatchingStateError } from '../../errors/authorization.errors.js';
import { parseAuthorizationResponse } from '../../protocol/authorization-response.js';
import { sha256 } from '../../session/hashes.js';
import type { AuthorizationRequestStore } from '../../store/authorization-request-store.js';
import { consentGiven } from '../consent-marker.js';
import { onwardPage, responseFields } from './form-post.page.js';
import { localPath } from './local-path.js';
import { isSameOrigin } from './origin-checks.js';
import { ownOrigin } from './own-address.js';
import { redirect, type Reply } from './reply.js';
import { completeSignIn } from './sign-in.completion.js';
import { bindingOf, demanded, sessionOf, type Visit } from './visit.js';

/** `GET|POST {path}/:client/callback`: where the authorization server sends the user back to. */
export class CallbackRoute {
  readonly #requests: AuthorizationRequestStore;

  constructor(requests: AuthorizationRequestStore) {
    this.#requests = requests;
  }

  /** The response in the query. */
  async answer(visit: Visit): Promise<Reply> {
    return redirect(await this.#finish(visit, visit.view.search));
  }

  /** The response as a form, sent once more from a page of our own: see {@link formPostPage}. */
  async answerForm(visit: Visit): Promise<Reply> {
    const { view, address } = visit;
    const fields = responseFields(await view.form());
    await this.#demandSomebody(visit, fields.get('state') ?? undefined);
    if (isSameOrigin(view, [ownOrigin(view, address), view.origin]) === false) {
      throw new ForbiddenException('The form does not come from a page of this application.');
    }
    return onwardPage(await this.#finish(visit, fields.toString()));
  }

  /** Where to go on. */
  async #finish(visit: Visit, response: string): Promise<string> {
    const returnTo = await this.#complete(visit, response);
    consentGiven(visit.jar);
    // Judged again: who can write to the request store sends nobody elsewhere.
    return localPath(returnTo ?? '/');
  }

  async #complete(visit: Visit, response: string): Promise<string | undefined> {
    const { cookie, runtime, subject, signIn } = visit;
    const { name: client } = runtime.settings;
    const { state } = parseAuthorizationResponse(response);
    const { secret } = cookie;
    if (state !== undefined) cookie.ended(sha256(state));
    await this.#demandSomebody(visit, state);
    if (secret === undefined) {
      await this.#spend(state);
      throw new MismatchingStateError({
        client,
        problem: 'The callback arrived in another browser than the flow was begun in.',
      });
    }
    if (signIn) return completeSignIn(signIn, visit, secret, response, this.#requests);
    const owner = demanded(subject);
    const completed = await sessionOf(visit, owner).completeAuthorization({
      authorizationResponse: response,
      binding: bindingOf(visit, secret, owner),
    });
    return completed.returnTo;
  }

  /** First of all: to nobody, clients that exist answer as those that do not. */
  async #demandSomebody({ subject, signIn, cookie }: Visit, state: string | undefined) {
    if (subject !== undefined || signIn) return;
    if (state !== undefined) cookie.ended(sha256(state));
    await this.#spend(state);
    throw new UnauthorizedException();
  }

  /** A state that came back is used, whoever brought it. */
  async #spend(state: string | undefined): Promise<void> {
    if (state !== undefined) await this.#requests.take(sha256(state));
  }
}
