import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  OAuthClientModule,
  OAuthClientRegistry,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { onTestFinished } from 'vitest';
import { userClient } from '../support/application.js';

/** A platform that Nest runs on. */
export interface Platform {
  readonly name: string;
  adapter(): ExpressAdapter | FastifyAdapter;
}

/** Both, for `describe.each`. */
export const platforms: readonly Platform[] = [
  { name: 'Express', adapter: () => new ExpressAdapter() },
  { name: 'Fastify', adapter: () => new FastifyAdapter() },
];

/** The same, behind a proxy that they trust. */
export const trusting: readonly Platform[] = [
  {
    name: 'Express',
    adapter: () => {
      const adapter = new ExpressAdapter();
      adapter.set('trust proxy', true);
      return adapter;
    },
  },
  { name: 'Fastify', adapter: () => new FastifyAdapter({ trustProxy: true }) },
];

/** How an application is otherwise than usual. */
export interface ApplicationOptions {
  readonly metadata?: ModuleMetadata;
  /** Before it listens. */
  readonly change?: (application: INestApplication) => void;
  readonly bodyParser?: boolean;
}

/** An application that listens, and what a test asks of it. */
export interface RunningApplication {
  readonly origin: string;
  readonly registry: OAuthClientRegistry;
}

/** The user is who the header says: a guard of its own is not what is tested here. */
export const subject: NonNullable<OAuthClientModuleOptions['subject']> = ({ headers }) =>
  headers['x-user'] as string | undefined;

/** Starts an application with these options; it is closed after the test. */
export async function startApplication(
  { adapter }: Platform,
  options: OAuthClientModuleOptions,
  { metadata = {}, change, bodyParser = true }: ApplicationOptions = {},
): Promise<RunningApplication> {
  const { imports = [], ...rest } = metadata;
  const builder = Test.createTestingModule({
    ...rest,
    imports: [OAuthClientModule.forRoot(options), ...imports],
  });
  return listening(
    (await builder.compile()).createNestApplication(adapter(), { bodyParser, logger: false }),
    change,
  );
}

/** Starts an application that was made otherwise. */
export async function listening(
  application: INestApplication,
  change?: (application: INestApplication) => void,
): Promise<RunningApplication> {
  onTestFinished(() => application.close());
  change?.(application);
  await application.listen(0, '127.0.0.1');
  const origin = (await application.getUrl()).replace('[::1]', '127.0.0.1');
  return { origin, registry: application.get(OAuthClientRegistry) };
}

/** A client of the routes: its redirect URI is theirs. */
export function routedClient(
  server: FakeAuthorizationServer,
  more: Partial<OAuthClientOptions> = {},
): OAuthClientOptions {
  const { redirectUri: _derived, ...client } = userClient(server);
  return { ...client, ...more };
}
