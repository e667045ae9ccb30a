import { Injectable, Module, Scope, type Type } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import {
  ComplianceFix,
  ConfigurationError,
  HandlerError,
  OnAccessTokenRequest,
  OnAccessTokenResponse,
  OnIntrospectTokenRequest,
  OnProtectedRequest,
  OnRefreshTokenRequest,
  OnRefreshTokenResponse,
  OnRevokeTokenRequest,
  type ComplianceHookType,
  type HookContext,
  type OAuthSession,
  type ProtectedRequest,
  type ProtectedRequestContext,
  type TokenEndpointRequest,
  type TokenEndpointResponse,
} from 'nestjs-oauth-client';
import type { FakeApiAnswer, FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { bootClient, startServer, userClient } from '../support/application.js';
import { failure } from '../support/failure.js';
import { bootExtended, connect } from './bench.js';

let server: FakeAuthorizationServer;
beforeEach(async () => {
  server = await startServer();
});

const TYPES: readonly ComplianceHookType[] = [
  'access_token_request',
  'access_token_response',
  'refresh_token_request',
  'refresh_token_response',
  'protected_request',
  'revoke_token_request',
  'introspect_token_request',
];

const marked = (request: TokenEndpointRequest, mark: string): TokenEndpointRequest => {
  request.headers.append('x-mark', mark);
  return request;
};
const markedAnswer = (response: TokenEndpointResponse, mark: string): TokenEndpointResponse =>
  response.withJson({ ...(response.json() as object), mark });

@Injectable()
class EveryHook {
  @OnAccessTokenRequest()
  first(request: TokenEndpointRequest, { subject }: HookContext): TokenEndpointRequest {
    return marked(request, `access ${subject}`);
  }

  @OnAccessTokenResponse()
  firstAnswer(response: TokenEndpointResponse): TokenEndpointResponse {
    return markedAnswer(response, 'access');
  }

  @OnRefreshTokenRequest()
  renewal(request: TokenEndpointRequest, { client }: HookContext): TokenEndpointRequest {
    return marked(request, `refresh ${client}`);
  }

  @OnRefreshTokenResponse()
  async renewed(response: TokenEndpointResponse): Promise<TokenEndpointResponse> {
    await Promise.resolve();
    return markedAnswer(response, 'refresh');
  }

  @OnProtectedRequest()
  call(request: ProtectedRequest, { token }: ProtectedRequestContext): ProtectedRequest {
    request.headers.set('x-mark', `call ${token.fingerprint}`);
    return request;
  }

  @OnRevokeTokenRequest()
  revocation(request: TokenEndpointRequest): TokenEndpointRequest {
    return marked(request, 'revoke');
  }

  @OnIntrospectTokenRequest()
  introspection(request: TokenEndpointRequest): TokenEndpointRequest {
    return marked(request, 'introspect');
  }
}
const fixOf = (...names: string[]): Type => {
  @Injectable()
  @ComplianceFix(...names)
  class Fix extends EveryHook {}
  return Fix;
};

const lastMark = (endpoint: 'token' | 'revocation' | 'introspection' | 'api') =>
  server.journal.requests(endpoint).at(-1)?.headers['x-mark'];

/** Does everything that hooks see, and expects that they saw it. */
async function expectEveryHook(alice: OAuthSession): Promise<void> {
  const token = await connect(alice, server);
  expect(lastMark('token')).toBe('access alice');
  expect(token.raw['mark']).toBe('access');
  const { data } = await firstValueFrom(alice.get<FakeApiAnswer>('/things'));
  expect(data.headers['x-mark']).toBe(`call ${token.fingerprint}`);
  const renewed = await alice.refreshToken();
  expect(lastMark('token')).toBe('refresh client');
  expect(renewed.raw['mark']).toBe('refresh');
  expect(await alice.introspectToken()).toMatchObject({ active: true, sub: 'alice' });
  expect(lastMark('introspection')).toBe('introspect');
  await alice.revokeToken();
  expect(lastMark('revocation')).toBe('revoke');
}

describe('compliance hooks of all seven types', () => {
  it('are found by @ComplianceFix with the name of the client', async () => {
    await expectEveryHook((await bootExtended(server, [fixOf('other', 'client')])).alice);
  });

  it('are found by @ComplianceFix with the provider of the client', async () => {
    const { alice } = await bootExtended(server, [fixOf('acme')], { provider: 'acme' });
    await expectEveryHook(alice);
  });

  it('are made from the classes in fixes, without any module that provides them', async () => {
    const { alice } = await bootExtended(server, [], { fixes: [EveryHook] });
    await expectEveryHook(alice);
  });

  it('are registered by registerComplianceHook', async () => {
    const { session, alice } = await bootExtended(server, []);
    const hooks = new EveryHook();
    session.registerComplianceHook('access_token_request', (...args) => hooks.first(...args));
    session.registerComplianceHook('access_token_response', (value) => hooks.firstAnswer(value));
    session.registerComplianceHook('refresh_token_request', (...args) => hooks.renewal(...args));
    session.registerComplianceHook('refresh_token_response', (value) => hooks.renewed(value));
    session.registerComplianceHook('protected_request', (...args) => hooks.call(...args));
    session.registerComplianceHook('revoke_token_request', (value) => hooks.revocation(value));
    session.registerComplianceHook('introspect_token_request', (one) => hooks.introspection(one));
    await expectEveryHook(alice);
  });

  it('leave clients of other names and providers alone', async () => {
    const { alice } = await bootExtended(server, [fixOf('acme', 'other'), fixOf()]);
    const token = await connect(alice, server);
    await firstValueFrom(alice.get('/things'));
    expect(token.raw['mark']).toBeUndefined();
    expect([lastMark('token'), lastMark('api')]).toEqual([undefined, undefined]);
  });

  it('of a type that does not exist are refused with the list of those that do', async () => {
    const session = await bootClient(userClient(server));
    const error = await failure(
      () => session.registerComplianceHook('nonsense' as ComplianceHookType, (value) => value),
      ConfigurationError,
    );
    for (const type of TYPES) expect(error.message).toContain(type);
  });
});

describe('a compliance hook', () => {
  it('runs once for a class that is provided, listed in fixes and named', async () => {
    const Fix = fixOf('client');
    const { alice } = await bootExtended(server, [Fix], { fixes: [Fix] });
    await connect(alice, server);
    expect(lastMark('token')).toBe('access alice');
  });

  it('is awaited, and runs after those that were registered before it', async () => {
    const { session, alice } = await bootExtended(server, []);
    for (const [mark, pauseMs] of [
      ['one', 30],
      ['two', 0],
      ['three', 10],
    ] as const) {
      session.registerComplianceHook('access_token_request', async (request) => {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        return marked(request, mark);
      });
    }
    await connect(alice, server);
    expect(lastMark('token')).toBe('one, two, three');
  });

  it('runs no more once it was removed, and the same function elsewhere still does', async () => {
    const { session, alice } = await bootExtended(server, []);
    const hook = (request: TokenEndpointRequest) => marked(request, 'x');
    const remove = session.registerComplianceHook('access_token_request', hook);
    session.registerComplianceHook('access_token_request', hook);
    remove();
    remove();
    await connect(alice, server);
    expect(lastMark('token')).toBe('x');
  });

  it('that throws aborts the request with what it threw', async () => {
    const { session, alice } = await bootExtended(server, []);
    const problem = new Error('not today');
    session.registerComplianceHook('access_token_request', () => {
      throw problem;
    });
    await expect(connect(alice, server)).rejects.toBe(problem);
    expect(server.journal.requests('token')).toHaveLength(0);
  });

  it('that returns nothing is an error that says so', async () => {
    const { session, alice } = await bootExtended(server, []);
    const nothing = (() => undefined) as never;
    session.registerComplianceHook('access_token_request', nothing);
    expect((await failure(connect(alice, server), HandlerError)).message).toContain(
      'access_token_request',
    );
  });

  it('of protected requests runs again on the replay, with the final token', async () => {
    const { session, alice } = await bootExtended(server, []);
    await connect(alice, server);
    const seen: string[] = [];
    session.registerComplianceHook('protected_request', (request, { token }) => {
      expect(request.headers.has('authorization')).toBe(false);
      seen.push(token.fingerprint);
      return request;
    });
    const before = (await alice.token())!.fingerprint;
    server.revokeAccessTokens();
    await firstValueFrom(alice.get('/things'));
    const after = (await alice.token())!.fingerprint;
    expect(seen).toEqual([before, after]);
    expect(after).not.toBe(before);
  });

  it('sees the token after a renewal, not the one before', async () => {
    const { session, alice } = await bootExtended(server, []);
    const { refresh_token } = server.issueTokens({ subject: 'alice' });
    await alice.setToken({
      access_token: 'stale',
      token_type: 'Bearer',
      expires_in: -10,
      refresh_token,
    });
    const seen: boolean[] = [];
    session.registerComplianceHook('protected_request', (request, { token }) => {
      seen.push(server.isLive(token.accessToken));
      return request;
    });
    await firstValueFrom(alice.get('/things'));
    expect(seen).toEqual([true]);
  });
});

describe('a class of hooks', () => {
  it.each([Scope.REQUEST, Scope.TRANSIENT])('of scope %s is refused at boot', async (scope) => {
    @Injectable({ scope })
    @ComplianceFix('client')
    class Scoped {
      @OnAccessTokenRequest()
      hook(request: TokenEndpointRequest): TokenEndpointRequest {
        return request;
      }
    }
    const error = await failure(bootExtended(server, [Scoped]), ConfigurationError);
    expect(error.message).toContain('Scoped');
    expect(error.message).toContain('singleton');
  });

  it('that injects something works where a module provides it, and is an error elsewhere', async () => {
    @Injectable()
    class Marks {
      readonly mark = 'injected';
    }
    @Injectable()
    class Injected {
      constructor(readonly marks: Marks) {}

      @OnAccessTokenRequest()
      hook(request: TokenEndpointRequest): TokenEndpointRequest {
        return marked(request, this.marks.mark);
      }
    }
    const { alice } = await bootExtended(server, [Marks, Injected], { fixes: [Injected] });
    await connect(alice, server);
    expect(lastMark('token')).toBe('injected');
    const error = await failure(
      bootExtended(server, [], { fixes: [Injected] }),
      ConfigurationError,
    );
    expect(error.message).toContain('providers');
  });

  it('without a hook is a mistake in fixes', async () => {
    class Empty {}
    const error = await failure(bootExtended(server, [], { fixes: [Empty] }), ConfigurationError);
    expect(error.message).toContain('Empty');
  });

  it('is found in a module that is loaded later', async () => {
    const Fix = fixOf('client');
    @Module({ providers: [Fix] })
    class Later {}
    const { application, alice } = await bootExtended(server, []);
    await connect(alice, server);
    expect(lastMark('token')).toBeUndefined();
    await application.get(LazyModuleLoader).load(() => Later);
    await firstValueFrom(alice.get('/things'));
    expect(lastMark('api')).toContain('call');
    await connect(alice, server);
    expect(lastMark('token')).toBe('access alice');
  });
});
