import type { OAuthSession } from '../../session/oauth-session.js';
import type { WebContext } from '../web.context.js';
import { routePath } from './own-address.js';
import { json, type Reply } from './reply.js';
import type { RequestView } from './request.view.js';

/** What the route `GET {path}/connections` says of one client. */
export interface Connection {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whether calls would carry a token now, without the user's help. */
  readonly connected: boolean;
  /** What was granted; what would be asked for, where nothing was. */
  readonly scope: readonly string[];
  /** When the access token ends, in epoch seconds; it may be renewed. */
  readonly expiresAt?: number;
  /** Where to send the user to, to connect the account; a path. */
  readonly authorizeUrl: string;
  /** Where to post to, to disconnect it; a path. */
  readonly disconnectUrl: string;
}

/** `GET {path}/connections`: the clients of the user who asks, and their states. No secrets. */
export class ConnectionsRoute {
  readonly #web: WebContext;

  constructor(web: WebContext) {
    this.#web = web;
  }

  async answer(view: RequestView, sessions: readonly OAuthSession[]): Promise<Reply> {
    const subject = await this.#web.demandSubject(view.raw);
    const base = routePath(view, 1);
    const connections = sessions.map((session) =>
      connectionOf(session.settings.shared ? session : session.for(subject), base),
    );
    return json(await Promise.all(connections));
  }
}

async function connectionOf(session: OAuthSession, base: string): Promise<Connection> {
  const [token, connected] = await Promise.all([session.token(), session.authorized()]);
  const { clientName: client } = session;
  const address = `${base}/${encodeURIComponent(client)}`;
  return {
    client,
    connected,
    scope: token?.scope ?? session.scope,
    ...(token?.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    authorizeUrl: `${address}/authorize`,
    disconnectUrl: `${address}/disconnect`,
  };
}
