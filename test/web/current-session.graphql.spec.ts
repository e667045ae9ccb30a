import {
  Controller,
  Get,
  Injectable,
  Scope,
  UseFilters,
  ValidationPipe,
  type ExecutionContext,
} from '@nestjs/common';
import { GqlExecutionContext, GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  CurrentSession,
  OAuthExceptionFilter,
  OAuthSession,
  RequireAuthorization,
  type WebRequest,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { connectUser, startServer, userClient } from '../support/application.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms, startApplication, subject, type Platform } from './application.js';
import { ApolloDriver } from './graphql.driver.js';

const requestOf = (context: ExecutionContext) =>
  GqlExecutionContext.create(context).getContext<{ req: WebRequest }>().req;

@UseFilters(OAuthExceptionFilter)
@Resolver()
class Accounts {
  @Query(() => String)
  whose(@CurrentSession('github') github: OAuthSession): string {
    return github.subject;
  }

  @RequireAuthorization('github', { scope: 'repo' })
  @Query(() => String)
  repositories(): string {
    return 'repositories';
  }
}

@Injectable({ scope: Scope.REQUEST })
@Resolver()
class ScopedAccounts {
  @Query(() => String)
  scoped(@CurrentSession('github') github: OAuthSession): string {
    return github.subject;
  }
}

@Controller()
class Pages {
  @Get('whose')
  whose(@CurrentSession('github') github: OAuthSession): string {
    return github.subject;
  }
}

interface Answer {
  readonly data: Record<string, string> | null;
  readonly errors?: { message: string; extensions: { code: string } }[];
}

let server: FakeAuthorizationServer;
let logger: RecordingLogger;

beforeEach(async () => {
  server = await startServer();
  logger = new RecordingLogger();
});

async function start(platform: Platform) {
  const { origin, registry } = await startApplication(
    platform,
    { clients: { github: userClient(server) }, subject, requestOf },
    {
      metadata: {
        imports: [GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true })],
        controllers: [Pages],
        providers: [Accounts, ScopedAccounts],
      },
      change: (app) => {
        app.useLogger(logger);
        app.useGlobalPipes(new ValidationPipe({ transform: true, ...withoutPackages }));
      },
    },
  );
  const ask = async (query: string, user: string): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...(user && { 'x-user': user }) };
    const body = JSON.stringify({ query });
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body });
    return (await response.json()) as Answer;
  };
  return { ask, registry, origin };
}

/** What the pipe would load; nothing here is validated. */
const withoutPackages = {
  validatorPackage: { validate: () => Promise.resolve([]) },
  transformerPackage: {
    plainToInstance: <T>(): T[] => [],
    classToPlain: () => ({}),
  },
};

describe.each(platforms)('@CurrentSession in a GraphQL resolver on $name', (platform) => {
  it('injects the session of the calling user', async () => {
    const { ask } = await start(platform);
    expect((await ask('{ whose }', 'alice')).data).toEqual({ whose: 'alice' });
    expect((await ask('{ whose }', 'bob')).data).toEqual({ whose: 'bob' });
  });

  it('works in a request-scoped resolver', async () => {
    const { ask } = await start(platform);
    expect((await ask('{ scoped }', 'alice')).data).toEqual({ scoped: 'alice' });
  });

  it('leaves the request of a controller to Nest', async () => {
    const { origin } = await start(platform);
    const response = await fetch(`${origin}/whose`, { headers: { 'x-user': 'alice' } });
    expect(await response.text()).toBe('alice');
  });

  it('fails where nobody is signed in', async () => {
    const { ask } = await start(platform);
    const { data, errors = [] } = await ask('{ whose }', '');
    expect(data).toBeNull();
    expect(errors[0]).toMatchObject({ message: 'Unauthorized' });
  });

  it('is guarded by @RequireAuthorization, whose error goes on past the filter', async () => {
    const { ask, registry } = await start(platform);
    const { data, errors = [] } = await ask('{ repositories }', 'alice');
    expect(data).toBeNull();
    expect(errors[0]?.message).toMatch(/^OAuth client "github": There is no token/);
    await connectUser(registry.get('github'), server, 'alice', { scope: ['repo'] });
    const answer = await ask('{ repositories }', 'alice');
    expect(answer).toEqual({ data: { repositories: 'repositories' } });
  });
});
