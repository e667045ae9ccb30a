import type { OAuthClientModuleOptions, OAuthClientOptions } from 'nestjs-oauth-client';
import type { FakeAuthorizationServer } from 'nestjs-oauth-client/testing';
import { startServer } from '../support/application.js';
import {
  routedClient,
  startApplication,
  subject,
  type ApplicationOptions,
  type Platform,
  type RunningApplication,
} from './application.js';
import { TestBrowser, type Answer, type Asking } from './browser.js';

/** An application with a client `github`, its server, and a browser in which alice is signed in. */
export interface Scene extends RunningApplication {
  readonly server: FakeAuthorizationServer;
  readonly browser: TestBrowser;
  /** Another browser, with nobody's cookies. */
  other(user?: string): TestBrowser;
}

/** How a scene is otherwise than usual. */
export interface SceneOptions extends ApplicationOptions {
  readonly client?: Partial<OAuthClientOptions>;
  readonly options?: Partial<OAuthClientModuleOptions>;
}

export async function scene(
  platform: Platform,
  { client, options, ...more }: SceneOptions = {},
): Promise<Scene> {
  const server = await startServer();
  const clients = { github: routedClient(server, client) };
  const application = await startApplication(
    platform,
    { clients, routes: {}, subject, ...options },
    more,
  );
  const other = (user?: string) => new TestBrowser(application.origin, user);
  return { server, ...application, browser: other(), other };
}

/** Goes as far as the authorization server; the address there. */
export async function begin(browser: TestBrowser, query = '', asking?: Asking): Promise<string> {
  const answer = await browser.open(`/oauth/github/authorize${query}`, asking);
  if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.location;
}

/** Goes there, agrees, and is sent back: the callback's address, not opened yet. */
export async function callbackFor({ server, browser }: Scene, query = ''): Promise<string> {
  return server.authorize(await begin(browser, query));
}

/** Connects an account, all the way. */
export async function connect(scene: Scene, query = ''): Promise<Answer> {
  return scene.browser.open(await callbackFor(scene, query));
}

/** The status of an answer, and the code of the error that it tells programs. */
export function problem({ status, text }: Answer): [number, string | undefined] {
  const { code } = JSON.parse(text) as { code?: string };
  return [status, code];
}

/** Where the page leads that answers a relayed form. */
export function onwardOf({ text }: Answer): string | undefined {
  return /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(text)?.[1];
}

/** What asks for JSON in place of a page. */
export const JSON_PLEASE = { headers: { accept: 'application/json' } } as const;
