import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { hiddenFields } from '../support/oidc-browser.js';
import { platforms } from './application.js';
import { callbackFor, onwardOf, scene } from './flow.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const NEW = 'session=new; Path=/; HttpOnly; SameSite=Lax';

/** Ways in which session middleware gives a browser without its cookie a new session. */
const middlewares: [string, Middleware][] = [
  [
    'at once',
    ({ headers }, response, next) => {
      if (!headers.cookie?.includes('session=')) response.setHeader('Set-Cookie', [NEW]);
      next();
    },
  ],
  [
    'as the head is written, as express-session does',
    ({ headers }, response, next) => {
      const writeHead = response.writeHead.bind(response) as (
        ...parts: unknown[]
      ) => ServerResponse;
      response.writeHead = (...parts: unknown[]) => {
        if (!headers.cookie?.includes('session=')) response.setHeader('Set-Cookie', [NEW]);
        return writeHead(...parts);
      };
      next();
    },
  ],
];

// The post of another site's page carries no cookies: to the application it is of a new browser.
describe.each(platforms)('a posted callback on $name', (platform) => {
  async function keepsSession(change: (application: INestApplication) => void) {
    const stage = await scene(platform, { change });
    stage.browser.cookies.set('session', 'of-alice');
    const callback = new URL(await callbackFor(stage));
    const crossSite = { 'sec-fetch-site': 'cross-site', cookie: '' };
    const fields = [...callback.searchParams];
    const page = await stage.browser.post(callback.pathname, fields, crossSite);
    expect([page.status, page.headers['set-cookie']]).toEqual([200, undefined]);
    expect(stage.browser.cookies.get('session')).toBe('of-alice');
    const back = await stage.browser.post(callback.pathname, hiddenFields(page.text));
    expect(onwardOf(back)).toBe('/');
    expect(back.headers['set-cookie']).toHaveLength(1);
  }

  it.each(middlewares)(
    'does not lose the user’s session to middleware that sets one %s',
    async (_when, use) => {
      await keepsSession((application) => application.use(use));
    },
  );
});

describe('a posted callback on Fastify', () => {
  it('does not lose the user’s session to a hook that sets one, as @fastify/session does', async () => {
    const stage = await scene(platforms[1]!, {
      change: (application) => {
        const instance: FastifyInstance = application.getHttpAdapter().getInstance();
        instance.addHook('onSend', async (request, reply) => {
          if (!request.headers.cookie?.includes('session=')) reply.header('set-cookie', NEW);
        });
      },
    });
    const crossSite = { 'sec-fetch-site': 'cross-site' };
    const page = await stage.browser.post('/oauth/github/callback', { state: 'x' }, crossSite);
    expect([page.status, page.headers['set-cookie']]).toEqual([200, undefined]);
    expect((await stage.browser.open('/oauth/connections')).headers['set-cookie']).toEqual([NEW]);
  });
});
