import { DiscoveryError, TokenEndpointError } from '../../errors/endpoint.errors.js';
import { ConfigurationError } from '../../errors/configuration.errors.js';
import type { OAuthSession } from '../../session/oauth-session.js';
import { prefersHtml } from '../accept.js';
import { consentsEnded } from '../consent-marker.js';
import { localPath } from './local-path.js';
import { demandSameOrigin } from './origin-checks.js';
import { ownOrigin } from './own-address.js';
import { json, redirect, type Reply } from './reply.js';
import { demanded, sessionOf, type Visit } from './visit.js';

/** `POST {path}/:client/disconnect`: revokes the user's tokens at the server, and says so. */
export class DisconnectRoute {
  async answer(visit: Visit): Promise<Reply> {
    const { view, address, runtime, subject } = visit;
    demandSameOrigin(view, [ownOrigin(view, address), view.origin]);
    const form = await view.form();
    const returnTo = localPath(form.get('returnTo') ?? view.query.get('returnTo') ?? '/');
    const revoked = await revoke(sessionOf(visit, demanded(subject)));
    consentsEnded(visit.jar);
    const mode = view.header('sec-fetch-mode');
    const isForm = mode === undefined ? prefersHtml(view.header('accept')) : mode === 'navigate';
    if (isForm) return redirect(returnTo);
    return json({ client: runtime.settings.name, connected: false, revoked });
  }
}

/**
 * Forgets the tokens here, whatever the server says.
 *
 * @returns Whether the server has ended them; `false` where there are none.
 */
async function revoke(session: OAuthSession): Promise<boolean> {
  const stored = await session.token();
  try {
    // Where there is no grant, too: tokens of other scopes are forgotten with it.
    await session.revokeToken();
    return stored !== undefined;
  } catch (error) {
    // What says nothing of the server has left the tokens as they were: that is to be told.
    const isForgotten =
      error instanceof TokenEndpointError ||
      error instanceof DiscoveryError ||
      error instanceof ConfigurationError;
    if (isForgotten && (await session.token()) === undefined) return false;
    throw error;
  }
}
