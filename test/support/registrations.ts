import type {
  ClientRegistrationRepository,
  OAuthClientModuleOptions,
  OAuthClientOptions,
} from 'nestjs-oauth-client';
import { Subject } from 'rxjs';

/** A repository of registrations in memory that writes down what it was asked for. */
export class Registrations implements ClientRegistrationRepository {
  readonly clients = new Map<string, OAuthClientOptions>();
  readonly asked: string[] = [];
  readonly changes$ = new Subject<string>();
  /** What a read waits for, or fails with. */
  gate: Promise<unknown> = Promise.resolve();

  constructor(clients: Record<string, OAuthClientOptions> = {}) {
    for (const [name, options] of Object.entries(clients)) this.clients.set(name, options);
  }

  async find(name: string): Promise<OAuthClientOptions | undefined> {
    this.asked.push(name);
    await this.gate;
    return this.clients.get(name);
  }

  /** Changes a registration, or deletes it, and tells of it. */
  change(name: string, options?: OAuthClientOptions): void {
    if (options) this.clients.set(name, options);
    else this.clients.delete(name);
    this.changes$.next(name);
  }
}

/** Options of a module whose clients all come from a repository; this machine is allowed. */
export function fromRegistrations(
  repository: ClientRegistrationRepository,
  more: Partial<OAuthClientModuleOptions> = {},
): OAuthClientModuleOptions {
  return {
    clients: {},
    ...more,
    registrations: { repository, allowedHosts: ['127.0.0.1'], ...more.registrations },
  };
}
