import type { OAuthSession } from '../../session/oauth-session.js';
import type { RouteName, RoutePaths } from '../route-paths.js';
import type { WebContext } from '../web.context.js';
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
  readonly #paths: RoutePaths;

  constructor(web: WebContext, paths: RoutePaths) {
    this.#web = web;
    this.#paths = paths;
  }

  async answer(view: RequestView, sessions: readonly OAuthSession[]): Promise<Reply> {
    const subject = await this.#web.demandSubject(view.raw);
    const connections = sessions.map((session) =>
      connectionOf(session.settings.shared ? session : session.for(subject), (there) =>
        this.#paths.from(view.path, 'connections', there, session.clientName),
      ),
    );
    return json(await Promise.all(connections));
  }
}

async function connectionOf(
  session: OAuthSession,
  pathOf: (there: RouteName) => string,
): Promise<Connection> {
  const [token, connected] = await Promise.all([session.token(), session.authorized()]);
  const { clientName: client } = session;
  return {
    client,
    connected,
    scope: token?.scope ?? session.scope,
    ...(token?.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    authorizeUrl: pathOf('authorize'),
    disconnectUrl: pathOf('disconnect'),
  };
}
