import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from './errors/configuration.errors.js';
import { ClientDirectory } from './session/client-directory.js';
import { misnamedSessions } from './web/current-session.names.js';

/** How long shutdown waits for renewals, in milliseconds. */
const SHUTDOWN_LIMIT_MS = 10_000;

/**
 * Boot and shutdown of the module: every option mistake of the application at once, then, at the
 * end, renewals first and the store last. Nest calls the shutdown hook after the HTTP server has
 * closed.
 */
@Injectable()
export class OAuthClientLifecycle implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('OAuthClientModule');
  #shutdown: Promise<void> | undefined;

  readonly #directory: ClientDirectory;
  readonly #modules: ModulesContainer;
  readonly #discovery: DiscoveryService;

  constructor(directory: ClientDirectory, modules: ModulesContainer, discovery: DiscoveryService) {
    this.#directory = directory;
    this.#modules = modules;
    this.#discovery = discovery;
  }

  onModuleInit(): void {
    const roots = this.#roots();
    const problems = roots.flatMap((root) => root.problems());
    if (roots.length > 1) {
      problems.push({
        option: 'forRoot',
        problem: 'The module was given a root more than once.',
        remedy: 'Import forRoot() or forRootAsync() once; use forFeature() elsewhere.',
      });
    }
    if (problems.length > 0) throw ConfigurationError.from(problems);
    this.#directory.booted();
    this.#directory.prepare();
    this.#warn();
  }

  /** Nest calls this at every `close()`: there is one shutdown, which all of them wait for. */
  onApplicationShutdown(): Promise<void> {
    return (this.#shutdown ??= this.#shutDown());
  }

  async #shutDown(): Promise<void> {
    const { work, feed, store, events, writeBack } = this.#directory.shared;
    const abandoned = await work.close(SHUTDOWN_LIMIT_MS);
    for (const label of new Set(abandoned)) {
      // Once for all that are alike: of a handler that hangs there may be thousands.
      const others = abandoned.filter((other) => other === label).length - 1;
      const more = others > 0 ? ` So did ${others} more.` : '';
      this.#logger.error(
        `Shutdown abandons the ${label}: it took over ${SHUTDOWN_LIMIT_MS} ms.${more}`,
      );
    }
    writeBack.stop();
    feed.close();
    events.close();
    const closed = [store, this.#directory.requests].map(async (one) => one.close?.());
    for (const { status } of await Promise.allSettled(closed)) {
      if (status === 'rejected') this.#logger.warn('A store did not close: its server is gone.');
    }
  }

  #roots(): ClientDirectory[] {
    return [...this.#modules.values()].flatMap((module) => {
      const instance: unknown = module.providers.get(ClientDirectory)?.instance;
      return instance instanceof ClientDirectory ? [instance] : [];
    });
  }

  #warn(): void {
    // Warnings, not mistakes: the application may register such a client later.
    const misnamed = this.#directory.registered
      ? []
      : misnamedSessions(this.#discovery, this.#directory.names());
    for (const sentence of misnamed) this.#logger.warn(sentence);
    if (process.env['NODE_ENV'] !== 'production') return;
    const names = this.#directory.keepsGrantsInMemory().join(', ');
    if (names === '') return;
    this.#logger.warn(
      `Users' grants of ${names} are kept in memory and lost at every restart: set store.`,
    );
  }
}
