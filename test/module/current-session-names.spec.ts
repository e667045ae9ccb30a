import { Controller, Get, Injectable, Module, Scope, type ModuleMetadata } from '@nestjs/common';
import {
  CurrentSession,
  OAuthClient,
  OAuthClientModule,
  OAuthClientRegistry,
  OAuthSession,
  type OAuthClientModuleOptions,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { bootApplication } from '../support/application.js';
import { failure } from '../support/failure.js';
import { RecordingLogger } from '../support/recording-logger.js';

const client = {
  clientId: 'id',
  clientSecret: 'secret',
  authorizationEndpoint: 'https://login.example/authorize',
  tokenEndpoint: 'https://login.example/token',
};

@Controller('misspelt')
class Misspelt {
  @Get()
  list(@CurrentSession('gihub') gihub: OAuthSession) {
    return gihub.toJSON();
  }
}

@Controller('right')
class Right {
  @Get()
  list(@CurrentSession('github') github: OAuthSession) {
    return github.toJSON();
  }

  @Get('tenant')
  tenant(@CurrentSession(() => 'gihub') session: OAuthSession) {
    return session.toJSON();
  }
}

/** Boots an application whose only configured client is `github`; what it warns of. */
async function warningsOf(
  metadata: ModuleMetadata,
  more: Partial<OAuthClientModuleOptions> = {},
): Promise<string[]> {
  const { imports = [], ...rest } = metadata;
  const root = OAuthClientModule.forRoot({
    clients: { github: client },
    subject: () => 'alice',
    ...more,
  });
  const logger = new RecordingLogger();
  await bootApplication({ imports: [...imports, root], ...rest }, (builder) =>
    builder.setLogger(logger),
  );
  return logger.warnings;
}

const UNKNOWN = 'No client is configured under this name.';

describe('of a name in @CurrentSession that no client has', () => {
  it('a warning is logged at boot, with the handler and the name that was meant', async () => {
    expect(await warningsOf({ controllers: [Misspelt, Right] })).toEqual([
      `@CurrentSession("gihub") of Misspelt.list: ${UNKNOWN} Did you mean "github"? Configured are: github.`,
    ]);
  });

  it('a warning is logged where a resolver or gateway has it, which are providers', async () => {
    @Injectable()
    class Resolver {
      accounts(@CurrentSession('gitlab') gitlab: OAuthSession) {
        return gitlab.toJSON();
      }
    }
    const [warning] = await warningsOf({ providers: [Resolver] });
    expect(warning).toContain(`@CurrentSession("gitlab") of Resolver.accounts: ${UNKNOWN}`);
  });

  it('a warning is logged where a controller is made for each request', async () => {
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class Scoped {
      @Get()
      list(@CurrentSession('gitlab') gitlab: OAuthSession) {
        return gitlab.toJSON();
      }
    }
    expect(await warningsOf({ controllers: [Scoped] })).toHaveLength(1);
  });

  it('a warning is logged where a controller inherits it', async () => {
    @Controller('derived')
    class Derived extends Misspelt {}
    const [warning] = await warningsOf({ controllers: [Derived] });
    expect(warning).toContain('of Derived.list: ');
  });

  it('one warning is logged, with every handler', async () => {
    @Controller('again')
    class Again {
      @Get()
      one(@CurrentSession('gihub') gihub: OAuthSession) {
        return gihub.toJSON();
      }
    }
    @Module({ controllers: [Again] })
    class Feature {}
    const warnings = await warningsOf({ controllers: [Misspelt, Again], imports: [Feature] });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/of (Misspelt\.list, Again\.one|Again\.one, Misspelt\.list):/);
  });
});

describe('no warning is logged of a name in @CurrentSession', () => {
  it('of a client of a feature', async () => {
    const imports = [OAuthClientModule.forFeature({ gihub: client })];
    expect(await warningsOf({ controllers: [Misspelt], imports })).toEqual([]);
  });

  it('of a client which a provider registers', async () => {
    const registering = {
      provide: 'registering',
      inject: [OAuthClientRegistry],
      useFactory: (registry: OAuthClientRegistry) => registry.register('gihub', client),
    };
    const metadata = { controllers: [Misspelt], providers: [registering] };
    expect(await warningsOf(metadata)).toEqual([]);
  });

  it('that the repository of registrations may know', async () => {
    const repository = { find: () => Promise.resolve(undefined) };
    const more = { registrations: { repository } };
    expect(await warningsOf({ controllers: [Misspelt] }, more)).toEqual([]);
  });

  it('that a function answers, whatever it is', async () => {
    expect(await warningsOf({ controllers: [Right] })).toEqual([]);
  });
});

describe('a name in @OAuthClient that no client has', () => {
  it("is named in Nest's own message, as the README says", async () => {
    @Injectable()
    class Repositories {
      constructor(@OAuthClient('gihub') readonly gihub: OAuthSession) {}
    }
    const { message } = await failure(warningsOf({ providers: [Repositories] }), Error);
    expect(message).toContain("can't resolve dependencies of the Repositories");
    expect(message).toContain('"OAuthClient(gihub)"');
  });
});
