import { AuthorizationRequiredError, TokenEndpointError } from 'nestjs-oauth-client';
import { entra } from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';
import { bootClient, startServer } from '../support/application.js';
import { authorize } from '../support/authorization.js';
import { failure } from '../support/failure.js';
import { describeProvider, startStage } from './provider.journey.js';

const tenant = '6731de76-14a6-49ae-97bc-6eba6914391e';
const parameters = { tenant, scope: ['openid', 'offline_access', 'User.Read'] };
const journey = { act: 'entra', parameters } as const;
describeProvider(entra, journey);

describe('Microsoft Entra ID', () => {
  it('names the permissions alone, and the token set has all of the scope', async () => {
    const { session, server } = await startStage(entra, journey);
    server.next('token').transformJson((json) => {
      expect(json['scope']).toBe('User.Read');
      return json;
    });
    const token = await authorize(session.for('alice'), server);
    expect([...token.scope].sort()).toEqual(['User.Read', 'offline_access', 'openid']);
    expect(token.missing).toEqual([]);
    expect((await session.for('alice').refreshToken()).missing).toEqual([]);
  });

  it('says that offline_access is missing where no refresh token came', async () => {
    const { session, server } = await startStage(entra, journey);
    server.next('token').transformJson((json) => ({ ...json, refresh_token: undefined }));
    const token = await authorize(session.for('alice'), server);
    expect(token.missing).toEqual(['offline_access']);
  });

  it.each(['interaction_required', 'consent_required'])(
    'wants the user back by %s',
    async (code) => {
      const { session, server } = await startStage(entra, journey);
      await authorize(session.for('alice'), server);
      server.next('token').respondJson(400, { error: code, error_codes: [50_076] });
      await failure(session.for('alice').refreshToken(), AuthorizationRequiredError);
    },
  );

  it('judges the ID token of the tenant', async () => {
    const { session, server } = await startStage(entra, journey);
    const { claims } = await authorize(session.for('alice'), server);
    expect(claims).toMatchObject({ iss: server.issuer, sub: 'alice' });
  });

  describe.each(['common', 'organizations'])('for many tenants, by %s,', (many) => {
    /** Connects, with an ID token that says of whom it is. */
    async function connect(change: (origin: string) => Record<string, unknown>) {
      const server = await startServer({ issuerPath: `/${many}/v2.0` });
      server.actLike('entra');
      server.configure({ metadata: { issuer: `${server.url}/{tenantid}/v2.0` } });
      const credentials = { clientId: 'client', clientSecret: 'secret', scope: ['openid'] };
      const session = await bootClient({
        ...entra({ ...credentials, redirectUri: 'https://app.example/callback', tenant: many }),
        issuer: server.issuer,
        baseURL: server.apiUrl,
        allowInsecureHttp: true,
      });
      server.next('token').transformJson((json) => {
        const payload = Buffer.from(String(json['id_token']).split('.')[1]!, 'base64url');
        const claims = JSON.parse(payload.toString()) as Record<string, unknown>;
        return { ...json, id_token: server.signIdToken({ ...claims, ...change(server.url) }) };
      });
      return { server, token: authorize(session.for('alice'), server) };
    }

    it('judges the ID token by the tenant that it names', async () => {
      const named = (origin: string) => ({ iss: `${origin}/${tenant}/v2.0`, tid: tenant });
      const { server, token } = await connect(named);
      expect((await token).claims).toMatchObject({
        iss: `${server.url}/${tenant}/v2.0`,
        tid: tenant,
      });
    });

    it.each([
      ['another tenant', (origin: string) => ({ iss: `${origin}/${tenant}/v2.0`, tid: 'other' })],
      ['no tenant', (origin: string) => ({ iss: `${origin}/${tenant}/v2.0` })],
      ['another issuer', () => ({ iss: `https://evil.example/${tenant}/v2.0`, tid: tenant })],
    ])('refuses one that names %s', async (_what, change) => {
      await failure((await connect(change)).token, TokenEndpointError);
    });
  });

  it('reads the metadata of a domain, whose issuer has the tenant’s id', async () => {
    const domain = { ...parameters, tenant: 'contoso.onmicrosoft.com' };
    const { session, server } = await startStage(entra, {
      act: 'entra',
      parameters: domain,
      local: ({ issuer }) => ({ metadataUrl: `${issuer}/.well-known/openid-configuration` }),
    });
    const { claims } = await authorize(session.for('alice'), server);
    expect(claims).toMatchObject({ iss: server.issuer });
  });

  it.each([
    [tenant, { issuer: `https://login.microsoftonline.com/${tenant}/v2.0` }],
    [
      'contoso.onmicrosoft.com',
      {
        metadataUrl:
          'https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration',
      },
    ],
    ['common', { issuer: 'https://login.microsoftonline.com/common/v2.0' }],
  ])('is called by the addresses of the tenant %s', (tenant, addresses) => {
    const options = entra({ clientId: '1', tenant });
    expect(options).toMatchObject({ ...addresses, baseURL: 'https://graph.microsoft.com/v1.0' });
    expect(options).not.toHaveProperty('tenant');
  });
});
