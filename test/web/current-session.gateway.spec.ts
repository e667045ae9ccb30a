import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { UseFilters, type ExecutionContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type WsResponse,
} from '@nestjs/websockets';
import {
  CurrentSession,
  OAuthExceptionFilter,
  OAuthSession,
  RequireAuthorization,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connectUser, startServer, userClient } from '../support/application.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms, startApplication, subject, type Platform } from './application.js';

/** By which request each socket was opened. */
const requests = new WeakMap<object, IncomingMessage>();

const requestOf = (context: ExecutionContext) => {
  const request = requests.get(context.switchToWs().getClient<object>());
  if (!request) throw new Error('no request');
  return request;
};

@UseFilters(OAuthExceptionFilter)
@WebSocketGateway({ path: '/live' })
class Live implements OnGatewayConnection {
  handleConnection(client: object, request: IncomingMessage): void {
    requests.set(client, request);
  }

  @SubscribeMessage('whose')
  whose(@CurrentSession('github') github: OAuthSession): WsResponse<string> {
    return { event: 'whose', data: github.subject };
  }

  @RequireAuthorization('github', { scope: 'repo' })
  @SubscribeMessage('repositories')
  repositories(): WsResponse<string> {
    return { event: 'repositories', data: 'all' };
  }
}

let server: FakeAuthorizationServer;

beforeEach(async () => {
  server = await startServer();
});

async function start(platform: Platform) {
  const { origin, registry } = await startApplication(
    platform,
    { clients: { github: userClient(server) }, subject, requestOf },
    {
      metadata: { providers: [Live] },
      change: (app) => {
        app.useLogger(new RecordingLogger());
        app.useWebSocketAdapter(new WsAdapter(app));
      },
    },
  );
  const ask = async (event: string, user: string): Promise<unknown> => {
    const headers = user === '' ? {} : { 'x-user': user };
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, { headers });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ event, data: {} }));
    const [message] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(message.toString());
  };
  return { ask, registry };
}

describe.each(platforms)('@CurrentSession in a gateway on $name', (platform) => {
  it('injects the session of the user who opened the socket', async () => {
    const { ask } = await start(platform);
    expect(await ask('whose', 'alice')).toEqual({ event: 'whose', data: 'alice' });
    expect(await ask('whose', 'bob')).toEqual({ event: 'whose', data: 'bob' });
  });

  it('fails where nobody is signed in', async () => {
    const { ask } = await start(platform);
    expect(await ask('whose', '')).toMatchObject({ event: 'exception', data: { status: 'error' } });
  });

  it('is guarded by @RequireAuthorization, and the filter tells the client why', async () => {
    const { ask, registry } = await start(platform);
    expect(await ask('repositories', 'alice')).toEqual({
      event: 'exception',
      data: {
        status: 'error',
        code: 'authorization_required',
        message: 'Your consent is needed. This needs the account github, which is not connected.',
      },
    });
    await connectUser(registry.get('github'), server, 'alice', { scope: ['repo'] });
    const answer = await ask('repositories', 'alice');
    expect(answer).toEqual({ event: 'repositories', data: 'all' });
  });
});
