import { Injectable, Module } from '@nestjs/common';
import {
  ConfigurationError,
  OAuthClientModule,
  OAuthClientRegistry,
  type GrantContext,
  type OAuthSession,
  type Params,
  type TokenGrant,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootApplication, bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
  server.always('token').transform((_response, { form }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(server.issueTokens({ subject: form.get('subject_token') ?? '' })),
  }));
});

const forms = () => server.journal.requests('token').map(({ form }) => form);

describe('an extension grant', () => {
  it('sends its type and parameters, repeats kept, for first tokens and renewals', async () => {
    const params = { subject_token: 'alice', resource: ['https://one', 'https://two'] };
    const session = await bootClient(
      machineClient(server, { grant: { type: EXCHANGE, params }, scope: ['read'] }),
    );
    const { data } = await firstValueFrom(session.get('/things'));
    expect(data).toMatchObject({ subject: 'alice' });
    await session.refreshToken();
    for (const form of forms()) {
      expect(form.get('grant_type')).toBe(EXCHANGE);
      expect(form.get('subject_token')).toBe('alice');
      expect(form.getAll('resource')).toEqual(['https://one', 'https://two']);
      expect(form.get('scope')).toBe('read');
    }
    expect(forms()).toHaveLength(2);
  });

  it('is judged at boot', async () => {
    for (const [grant, option] of [
      [{ params: {} }, 'grant.type'],
      [{ type: EXCHANGE, params: 'x' }, 'grant.params'],
      [{ type: EXCHANGE, parms: {} }, 'grant.parms'],
      ['nonsense', 'grant'],
    ] as const) {
      const options = machineClient(server, { grant: grant as never });
      const error = await failure(bootClient(options), ConfigurationError);
      expect(error.problems.map((problem) => problem.option)).toEqual([option]);
    }
  });
});

describe('a grant of the application', () => {
  @Injectable()
  class Identity {
    subject = 'alice';
  }

  @Injectable()
  class WorkloadIdentity implements TokenGrant {
    readonly type = EXCHANGE;
    readonly seen: GrantContext[] = [];
    constructor(readonly identity: Identity) {}

    async params(context: GrantContext): Promise<Params> {
      this.seen.push(context);
      if (this.identity.subject === '') throw new Error('there is no identity');
      return { subject_token: this.identity.subject };
    }
  }

  @Module({ providers: [Identity, WorkloadIdentity], exports: [Identity, WorkloadIdentity] })
  class IdentityModule {}

  async function boot() {
    const application = await bootApplication({
      imports: [
        OAuthClientModule.forRootAsync({
          names: ['client'],
          imports: [IdentityModule],
          inject: [WorkloadIdentity],
          useFactory: (grant: WorkloadIdentity) => ({
            clients: { client: machineClient(server, { grant, scope: ['read'] }) },
          }),
        }),
        IdentityModule,
      ],
    });
    const session: OAuthSession = application.get(OAuthClientRegistry).get('client');
    return {
      session,
      grant: application.get(WorkloadIdentity, { strict: false }),
      identity: application.get(Identity, { strict: false }),
    };
  }

  it('is injected, and asked anew for each token', async () => {
    const { session, grant, identity } = await boot();
    await session.accessToken();
    identity.subject = 'bob';
    await session.refreshToken();
    expect(forms().map((form) => form.get('subject_token'))).toEqual(['alice', 'bob']);
    expect(grant.seen[0]).toMatchObject({
      client: 'client',
      clientId: 'client',
      subject: '',
      scope: ['read'],
      tokenEndpoint: server.tokenEndpoint,
    });
  });

  it('that fails is a typed error', async () => {
    const { session, identity } = await boot();
    identity.subject = '';
    const error = await failure(session.accessToken(), ConfigurationError);
    expect(error.message).toContain(EXCHANGE);
    expect(forms()).toHaveLength(0);
  });

  it('whose parameters cannot be sent is a typed error that names the parameter', async () => {
    const grant = { type: EXCHANGE, params: () => ({ audience: 5 }) as never };
    const session = await bootClient(machineClient(server, { grant }));
    const error = await failure(session.accessToken(), ConfigurationError);
    expect((error.cause as Error).message).toContain('"audience"');
    expect(forms()).toHaveLength(0);
  });

  it('acts for the client alone unless it says otherwise', async () => {
    const { session } = await boot();
    await failure(() => session.for('alice'), ConfigurationError);
  });
});
