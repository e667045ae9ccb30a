import { describe, expect, it } from 'vitest';
import { startServer } from '../support/application.js';
import { platforms, routedClient, startApplication, subject } from './application.js';
import { TestBrowser } from './browser.js';
import { begin, connect, scene } from './flow.js';

const PATH = '/oauth/github/disconnect';
const CALL = { 'sec-fetch-mode': 'cors', accept: 'application/json' };

describe.each(platforms)('the disconnect route on $name', (platform) => {
  async function connected() {
    const stage = await scene(platform);
    await connect(stage);
    const session = stage.registry.get('github').for('alice');
    return { ...stage, session, token: (await session.token())! };
  }

  /** The same where the server can be asked to revoke. */
  async function revocable() {
    const server = await startServer();
    const { revocationEndpoint } = server;
    const clients = { github: routedClient(server, { revocationEndpoint }) };
    const stage = {
      server,
      ...(await startApplication(platform, { clients, routes: {}, subject })),
    };
    const browser = new TestBrowser(stage.origin);
    await browser.open(await server.authorize(await begin(browser)));
    const session = stage.registry.get('github').for('alice');
    return { ...stage, browser, session, token: (await session.token())! };
  }

  it('revokes at the server, forgets here, and says so to a script', async () => {
    const { browser, session, server, token } = await revocable();
    const answer = await browser.post(PATH, {}, CALL);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { client: 'github', connected: false, revoked: true },
    ]);
    expect(await session.token()).toBeUndefined();
    expect(server.isLive(token.refreshToken!)).toBe(false);
  });

  it('sends the user of a form to where the form says', async () => {
    const { browser } = await revocable();
    const answer = await browser.post(PATH, { returnTo: '/accounts' });
    expect([answer.status, answer.location]).toEqual([303, '/accounts']);
  });

  it('sends the user to the first page when the form says nothing', async () => {
    const { browser } = await revocable();
    expect((await browser.post(PATH)).location).toBe('/');
  });

  it('forgets here what the server does not revoke, and says so', async () => {
    const { browser, session, server } = await revocable();
    server.always('revocation').respond(503);
    const answer = await browser.post(PATH, {}, CALL);
    expect(JSON.parse(answer.text)).toEqual({ client: 'github', connected: false, revoked: false });
    expect(await session.token()).toBeUndefined();
  });

  it('says that a server without revocation has revoked nothing', async () => {
    const { browser, session } = await connected();
    const answer = await browser.post(PATH, {}, CALL);
    expect(JSON.parse(answer.text)).toMatchObject({ connected: false, revoked: false });
    expect(await session.token()).toBeUndefined();
  });

  it('says that nothing was revoked where nothing was stored', async () => {
    const { browser, server, session } = await revocable();
    await session.clearToken();
    const answer = await browser.post(PATH, {}, CALL);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { client: 'github', connected: false, revoked: false },
    ]);
    expect(server.journal.requests('revocation')).toEqual([]);
  });

  it('wants somebody signed in', async () => {
    const { other } = await connected();
    expect((await other('').post(PATH, {}, CALL)).status).toBe(401);
  });

  it('disconnects nobody else', async () => {
    const { other, session } = await connected();
    expect((await other('bob').post(PATH, {}, CALL)).status).toBe(200);
    expect(await session.token()).toBeDefined();
  });

  it('takes the word of an older browser, which names its origin', async () => {
    const { browser, origin, session } = await connected();
    const headers = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, origin };
    expect((await browser.post(PATH, {}, headers)).status).toBe(303);
    expect(await session.token()).toBeUndefined();
  });

  it('refuses to send the user elsewhere, and disconnects nothing then', async () => {
    const { browser, session } = await connected();
    expect((await browser.post(PATH, { returnTo: '//evil.example' })).status).toBe(400);
    expect(await session.token()).toBeDefined();
  });
});
