import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { OAuthHealthIndicator } from 'nestjs-oauth-client/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly oauth: OAuthHealthIndicator,
  ) {}

  /** For readiness: a provider that is out is `degraded`, and this replica stays in service. */
  @Get()
  @HealthCheck()
  ready() {
    return this.health.check([() => this.oauth.isHealthy('oauth')]);
  }
}
