import { Controller, Get, Inject, Module, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
} from 'nestjs-oauth-client';
import { OAuthHealthIndicator } from 'nestjs-oauth-client/terminus';
import { onTestFinished } from 'vitest';

/** What is asked of the indicator. */
export type Ask = (oauth: OAuthHealthIndicator) => ReturnType<OAuthHealthIndicator['isHealthy']>;

const ASK = Symbol('what is asked');

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly oauth: OAuthHealthIndicator,
    @Inject(ASK) private readonly ask: Ask,
  ) {}

  @Get()
  @HealthCheck()
  ready() {
    return this.health.check([() => this.ask(this.oauth)]);
  }
}

/** What `/health` answered. */
export interface Health {
  readonly http: number;
  readonly status: string;
  readonly details: Record<string, Record<string, unknown>>;
  readonly text: string;
}

/** An application as in the README, with its health over HTTP. */
export async function healthApplication(
  options: OAuthClientModuleOptions,
  ask: Ask = (oauth) => oauth.isHealthy('oauth'),
): Promise<{ registry: OAuthClientRegistry; health: () => Promise<Health> }> {
  @Module({
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
    providers: [OAuthHealthIndicator, { provide: ASK, useValue: ask }],
  })
  class HealthModule {}
  const imports = [OAuthClientModule.forRoot(options), HealthModule];
  const compiled = await Test.createTestingModule({ imports }).compile();
  const application: INestApplication = compiled.createNestApplication({ logger: false });
  await application.listen(0, '127.0.0.1');
  onTestFinished(() => application.close());
  const url = `${await application.getUrl()}/health`;
  return {
    registry: application.get(OAuthClientRegistry),
    health: async () => {
      const answer = await fetch(url);
      const text = await answer.text();
      return { ...(JSON.parse(text) as Omit<Health, 'http'>), http: answer.status, text };
    },
  };
}
