import { Agent as HttpsAgent } from 'node:https';
import {
  ConfigurationError,
  InsecureTransportError,
  OriginNotAllowedError,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authorize } from '../support/authorization.js';
import { bootClients, machineClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { everywhereHere, startHost } from '../support/host.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';
import {
  authority,
  direct,
  rebound,
  refused,
  resolve,
  startInside,
  withoutProxies,
} from './tenant.fixtures.js';

withoutProxies();

describe('a name that resolves to a private address is not connected to', () => {
  it('as the token endpoint', async () => {
    const inside = await startInside();
    const session = await resolve(direct(rebound(inside)));
    await refused(session.accessToken(), inside);
    await refused(firstValueFrom(session.get('/things')), inside);
  });

  it('as the issuer', async () => {
    const inside = await startInside();
    const { tokenEndpoint: _, ...more } = direct(rebound(inside));
    const session = await resolve({ ...more, issuer: rebound(inside) });
    await refused(session.accessToken(), inside);
  });

  it('as an endpoint that discovery brings', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const document = { issuer: server.issuer, token_endpoint: `${rebound(inside)}/token` };
    const { origin } = await startHost((_request, response) =>
      response.end(JSON.stringify(document)),
    );
    const session = await resolve(
      machineClient(server, {
        tokenEndpoint: undefined as never,
        metadataUrl: origin,
        issuer: server.issuer,
      }),
    );
    await refused(session.accessToken(), inside);
  });

  it('for the keys that ID tokens are signed with', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const { issuer } = server;
    const jwksUri = `${rebound(inside)}/jwks`;
    const session = await resolve(userClient(server, { issuer, jwksUri, scope: ['openid'] }));
    await refused(authorize(session.for('alice'), server), inside);
  });

  it('for introspection, revocation and user info', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const endpoint = rebound(inside);
    const session = await resolve(
      userClient(server, {
        introspectionEndpoint: endpoint,
        revocationEndpoint: endpoint,
        userinfoEndpoint: endpoint,
      }),
    );
    const alice = session.for('alice');
    await alice.setToken(server.issueTokens({ subject: 'alice' }));
    await refused(alice.introspectToken(), inside);
    await refused(alice.userInfo(), inside);
    await refused(alice.revokeToken(), inside);
  });

  it('as the API, by whatever way it is called', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const api = rebound(inside);
    const session = await resolve(
      machineClient(server, { baseURL: api, transport: { ca: authority.cert } }),
    );
    await refused(firstValueFrom(session.get('/things')), inside);
    await refused(session.fetch('/things'), inside);
    await refused(session.axiosRef.post('/things', {}), inside);
    const withheld = { oauth: { withholdToken: true } };
    await refused(firstValueFrom(session.get('/things', withheld)), inside);
    await refused(firstValueFrom(session.get(api, withheld)), inside);
  });

  it('as what a baseURL function answers', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const session = await resolve(machineClient(server, { baseURL: () => rebound(inside) }));
    await refused(firstValueFrom(session.get('/things')), inside);
  });

  it('where a hook leads to, even one that leaves out how to connect', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const allowedOrigins = [rebound(inside), new URL(server.apiUrl).origin];
    const session = await resolve(machineClient(server, { allowedOrigins }));
    session.registerComplianceHook('protected_request', (config) => ({
      ...config,
      url: `${rebound(inside)}/things`,
      ...Object.fromEntries(['lookup', 'proxy', 'httpsAgent'].map((key) => [key, undefined])),
    }));
    await refused(firstValueFrom(session.get('/things')), inside);
  });

  it('where the API redirects to, with the token or without', async () => {
    const [inside, server] = [await startInside(), await startServer()];
    const { origin } = await startHost(({ path }, response) => {
      const location =
        path === '/literal' ? `https://[::ffff:7f00:1]:${inside.port}` : rebound(inside);
      response.writeHead(302, { location }).end();
    });
    const allowedOrigins = [origin, rebound(inside)];
    for (const more of [{ baseURL: origin }, { baseURL: origin, allowedOrigins }]) {
      const session = await resolve(machineClient(server, more));
      await refused(firstValueFrom(session.get('/name')), inside);
      await refused(
        firstValueFrom(session.get('/name', { oauth: { withholdToken: true } })),
        inside,
      );
      for (const config of [{}, { oauth: { withholdToken: true } }]) {
        const literal = firstValueFrom(session.get('/literal', config));
        await failure(literal, OriginNotAllowedError);
      }
    }
    expect(inside.connections).toBe(0);
  });

  it('over a connection that another client holds open to it', async () => {
    const inside = await startInside();
    const httpsAgent = new HttpsAgent({ keepAlive: true, ca: authority.cert });
    onTestFinished(() => httpsAgent.destroy());
    const transport = { ...everywhereHere, httpsAgent };
    const origin = `https://localhost:${inside.port}`;
    const own = { ...direct(origin), transport };
    const tenant = { ...direct(origin), transport: undefined as never };
    const repository = new Registrations({ tenant });
    const registry = await bootClients({
      ...fromRegistrations(repository, { transport }),
      clients: { own },
    });
    await firstValueFrom(registry.get('own').get('/things'));
    const before = inside.requests.length;
    const session = await registry.resolve('tenant');
    await failure(session.accessToken(), OriginNotAllowedError);
    expect(inside.requests).toHaveLength(before);
  });

  it('when one of several addresses is private, or a lookup of its own answers', async () => {
    const inside = await startInside();
    const lookup = async (): Promise<[{ address: string; family: 4 }[]]> => [
      [
        { address: '8.8.8.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ];
    const session = await resolve(direct(rebound(inside), { transport: { lookup } }));
    await refused(session.accessToken(), inside);
  });
});

describe('an address that needs no name', () => {
  it.each([
    'https://127.0.0.2',
    'https://2130706434',
    'https://0x7f.2',
    'https://169.254.169.254',
    'https://[::1]',
    'https://[::ffff:127.0.0.2]',
    'https://[64:ff9b::a9fe:a9fe]',
    'http://login.example',
    'http://8.8.8.8',
  ])('is a mistake of the registration: %s', async (origin) => {
    const tenant = direct(origin, { allowInsecureHttp: true });
    const error = await failure(resolve(tenant), ConfigurationError);
    expect(error.problems.map(({ option }) => option)).toEqual(['tokenEndpoint', 'baseURL']);
  });

  it('is judged when only the call names it', async () => {
    const server = await startServer();
    const allowedOrigins = ['https://127.0.0.2', 'http://api.example'];
    const session = await resolve(
      machineClient(server, { baseURL: undefined as never, allowedOrigins }),
    );
    const literal = firstValueFrom(session.get('https://127.0.0.2/things'));
    await failure(literal, OriginNotAllowedError);
    const plain = firstValueFrom(session.get('http://api.example/things'));
    await failure(plain, InsecureTransportError);
  });
});
