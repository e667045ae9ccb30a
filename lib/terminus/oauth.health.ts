import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import {
  ConfigurationError,
  DiscoveryError,
  OAuthClientRegistry,
  type OAuthClientStatus,
  type RenewalFigures,
} from '../index.js';
import { HealthReport } from './health-report.js';
import { demandOptions } from './oauth.health.judge.js';
import {
  HEALTH_DEFAULTS,
  type CooldownCheckOptions,
  type MetadataCheckOptions,
  type OAuthHealthDetails,
  type OAuthHealthOptions,
  type RenewalCheckOptions,
  type StoreHealthOptions,
} from './oauth.health.options.js';

type OAuthHealthResult<Key extends string> = HealthIndicatorResult<
  Key,
  OAuthHealthDetails['status'],
  OAuthHealthDetails
>;

/**
 * The health of OAuth clients for `@nestjs/terminus`: provide it in the module of your health
 * controller, which imports `TerminusModule`. No check makes a token request, and none shows a
 * secret, a subject or an address other than issuers.
 *
 * Use it for readiness. By default only a store that does not answer is `down` (503): when a provider
 * is out, all replicas see that, and taking them all out of service would make its outage yours; it
 * is `degraded` (200). For liveness use none of this: a restart mends neither.
 *
 * @example
 * ```ts
 * @Controller('health')
 * export class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly oauth: OAuthHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   ready() {
 *     return this.health.check([() => this.oauth.isHealthy('oauth')]);
 *   }
 * }
 * ```
 */
@Injectable()
export class OAuthHealthIndicator {
  readonly #registry: OAuthClientRegistry;
  readonly #health: HealthIndicatorService;

  /** @internal Inject it. */
  constructor(registry: OAuthClientRegistry, health: HealthIndicatorService) {
    this.#registry = registry;
    this.#health = health;
  }

  /**
   * All checks at once: the store, the metadata of authorization servers, clients in cooldown, and
   * the share of failed renewals.
   *
   * @param key - What it is called in the result.
   * @throws ConfigurationError for an unknown client, or an option that cannot be.
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: OAuthHealthOptions = {},
  ): Promise<OAuthHealthResult<Key>> {
    demandOptions('isHealthy', options);
    const { clients, store, metadata, cooldown, renewals } = options;
    return this.#result(key, (report) => [
      store !== false && this.#store(report, { ...store }),
      metadata !== false &&
        this.#metadata(report, { ...metadata, clients: metadata?.clients ?? clients }),
      cooldown !== false &&
        this.#cooldown(report, { ...cooldown, clients: cooldown?.clients ?? clients }),
      renewals !== false &&
        this.#renewals(report, { ...renewals, clients: renewals?.clients ?? clients }),
    ]);
  }

  /** Whether the token store answers. See {@link OAuthClientRegistry.checkStore}. */
  async storeCheck<const Key extends string>(
    key: Key,
    options: StoreHealthOptions = {},
  ): Promise<OAuthHealthResult<Key>> {
    return this.#result(key, (report) => [this.#store(report, options)]);
  }

  /**
   * Whether the metadata of the clients' authorization servers can be read; asked for once a minute,
   * however often this is. See {@link OAuthClientRegistry.checkServers}.
   */
  async metadataCheck<const Key extends string>(
    key: Key,
    options: MetadataCheckOptions = {},
  ): Promise<OAuthHealthResult<Key>> {
    return this.#result(key, (report) => [this.#metadata(report, options)]);
  }

  /** Whether no client's token endpoint is left alone by this process. */
  async cooldownCheck<const Key extends string>(
    key: Key,
    options: CooldownCheckOptions = {},
  ): Promise<OAuthHealthResult<Key>> {
    return this.#result(key, (report) => [this.#cooldown(report, options)]);
  }

  /** Whether not too many of the renewals that this process made of late failed. */
  async renewalCheck<const Key extends string>(
    key: Key,
    options: RenewalCheckOptions = {},
  ): Promise<OAuthHealthResult<Key>> {
    return this.#result(key, (report) => [this.#renewals(report, options)]);
  }

  async #result<const Key extends string>(
    key: Key,
    checks: (report: HealthReport) => readonly (Promise<void> | false)[],
  ): Promise<OAuthHealthResult<Key>> {
    const report = new HealthReport();
    await Promise.all(checks(report).filter((check) => check !== false));
    const { status, details } = report;
    const session = this.#health.check(key);
    if (status === 'up') return session.up(details);
    return status === 'degraded' ? session.degraded(details) : session.down(details);
  }

  async #store(report: HealthReport, options: StoreHealthOptions): Promise<void> {
    demandOptions('storeCheck', options);
    const { severity = HEALTH_DEFAULTS.store, ...rest } = options;
    try {
      await this.#registry.checkStore(rest);
      report.store('up');
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      report.store(severity, 'The token store does not answer.');
    }
  }

  async #metadata(report: HealthReport, options: MetadataCheckOptions): Promise<void> {
    demandOptions('metadataCheck', options);
    const { severity = HEALTH_DEFAULTS.clients, ...rest } = options;
    for (const { client, issuer, error } of await this.#registry.checkServers(rest)) {
      const named = issuer === undefined ? {} : { issuer };
      if (!error) report.client(client, { ...named, metadata: { reachable: true } });
      else {
        const status = error instanceof DiscoveryError ? error.status : undefined;
        const why = { error: error.code, ...(status !== undefined && { httpStatus: status }) };
        report.client(client, {
          ...named,
          status: severity,
          metadata: { reachable: false, ...why },
        });
      }
    }
  }

  async #cooldown(report: HealthReport, options: CooldownCheckOptions): Promise<void> {
    demandOptions('cooldownCheck', options);
    const { severity = HEALTH_DEFAULTS.clients, clients } = options;
    for (const { client, cooldown } of await this.#status(clients)) {
      if (!cooldown) report.client(client, {});
      else {
        const until = new Date(cooldown.until).toISOString();
        report.client(client, { status: severity, cooldown: { until, error: cooldown.error } });
      }
    }
  }

  async #renewals(report: HealthReport, options: RenewalCheckOptions): Promise<void> {
    demandOptions('renewalCheck', options);
    const { clients, windowSeconds = HEALTH_DEFAULTS.windowSeconds } = options;
    for (const { client, renewals } of await this.#status(clients, windowSeconds)) {
      const failedShare = shareOf(renewals);
      report.client(client, {
        ...(isTooMuch(renewals, failedShare, options) && {
          status: options.severity ?? HEALTH_DEFAULTS.clients,
        }),
        renewals: { ...renewals, failedShare },
      });
    }
  }

  async #status(
    clients: readonly string[] | undefined,
    windowSeconds?: number,
  ): Promise<OAuthClientStatus[]> {
    // A misspelt name would be healthy for ever.
    for (const name of clients ?? []) this.#registry.get(name);
    const window = windowSeconds === undefined ? {} : { windowSeconds };
    return this.#registry.status({ grants: false, ...window, ...(clients && { clients }) });
  }
}

function shareOf({ succeeded, failed }: RenewalFigures): number {
  const share = failed === 0 ? 0 : failed / (succeeded + failed);
  return Math.round(share * 1000) / 1000;
}

function isTooMuch(
  { succeeded, failed }: RenewalFigures,
  share: number,
  { maxFailedShare, minRenewals }: RenewalCheckOptions,
): boolean {
  const enough = succeeded + failed >= (minRenewals ?? HEALTH_DEFAULTS.minRenewals);
  return enough && share > (maxFailedShare ?? HEALTH_DEFAULTS.maxFailedShare);
}
