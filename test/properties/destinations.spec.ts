import axios from 'axios';
import { Agent, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect } from 'node:net';
import fc from 'fast-check';
import {
  OAuthClientError,
  type OAuthClientOptions,
  type OAuthSession,
  type TokenPlacement,
} from 'nestjs-oauth-client';
import { firstValueFrom, type Observable } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { bootClient } from '../support/application.js';
import { everywhereHere, startHost, type Host, type Received } from '../support/host.js';
import { holds, pieced } from './properties.js';

const TOKEN = 'access-4Rt7UpYd2Lx';
/** They stand in a generated address for the ports of the two servers. */
const ALLOWED = '{allowed}';
const FOREIGN = '{foreign}';

const SCHEMES = ['http://', 'HTTP://', 'https://', '//', '\\\\', 'http:\\\\', 'http:', 'http:/'];
const ODD_SCHEMES = [
  'http:///',
  ' http://',
  'ht\ntp://',
  '/\\',
  'blob:http://',
  'ws://',
  'file://',
];
/** All of them are this machine: the one by an address, the others by `lookup`. */
const HOSTS = [
  ...['127.0.0.1', '127.0.0.1.', '127.1', '2130706433', '0x7f.1', '１２７.0.0.1', '127。0。0。1'],
  ...[
    'localhost',
    'LOCALHOST',
    'foreign.example',
    'münchen.example',
    'ⓛocalhost',
    '127.0.0.1.example',
  ],
  ...['127.0.0.1%2eexample', '127.0.0.1%00.example', '127.0.0.1\t', '[::1]', '[::ffff:127.0.0.1]'],
];
const USERS = [
  '',
  '',
  '',
  '',
  'user@',
  'user:pass@',
  '@',
  ':@',
  `127.0.0.1:${ALLOWED}@`,
  'a\\@',
  '%40@',
];
const PORTS = [`:${ALLOWED}`, `:${FOREIGN}`, `:0${FOREIGN}`, '', ':', `:${ALLOWED}${FOREIGN}`];
const PATHS = [
  '',
  '/',
  '/x',
  '/..//',
  '\\x',
  '?',
  '?a=b',
  '#',
  '#@',
  `/@127.0.0.1:${FOREIGN}/`,
  '/%2f',
];

const many = (pieces: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...pieces);
/** An address that an attacker would think of: any scheme, user, host, port and path. */
const built = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('http://') },
      { weight: 2, arbitrary: many([...SCHEMES, ...ODD_SCHEMES]) },
    ),
    many(USERS),
    fc.oneof({ weight: 2, arbitrary: fc.constant('127.0.0.1') }, many(HOSTS)),
    fc.oneof({ weight: 2, arbitrary: many(PORTS.slice(0, 2)) }, many(PORTS)),
    many(PATHS),
  )
  .map((parts) => parts.join(''));
const relative = pieced([
  '/',
  '\\',
  '.',
  '..',
  '@',
  ':',
  '?',
  '#',
  '%2f',
  '%5c',
  'things',
  '//',
  ' ',
]);
const jumbled = pieced(
  [...SCHEMES, ...ODD_SCHEMES, ...HOSTS, ...USERS, ...PORTS, ...PATHS].filter((one) => one !== ''),
  8,
);
const address = fc.oneof(
  { weight: 5, arbitrary: built },
  { weight: 2, arbitrary: relative },
  { weight: 2, arbitrary: jumbled },
);

const journey = fc.record({
  url: fc.oneof({ weight: 1, arbitrary: fc.constant('/things') }, address),
  /** Where each answer on the way leads to, whichever server gives it. */
  redirects: fc.oneof(
    fc.constant([]),
    fc.array(fc.record({ status: fc.constantFrom(301, 302, 303, 307, 308), location: address }), {
      maxLength: 4,
    }),
  ),
  method: fc.constantFrom('get' as const, 'get' as const, 'head' as const, 'post' as const),
  placement: fc.constantFrom<TokenPlacement>('header', 'query', 'body'),
  config: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ baseURL: address, allowAbsoluteUrls: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ params: fc.dictionary(relative, address) }) },
  ),
});
type Journey = typeof journey extends fc.Arbitrary<infer T> ? T : never;

let allowed: Host;
let foreign: Host;
let left: { status: number; location: string }[] = [];
let sessions: Record<TokenPlacement, OAuthSession>;

function answer(_request: Received, response: ServerResponse): void {
  const next = left.shift();
  if (!next) response.end('{}');
  else {
    const location = headerOf(next.location.replace(/\p{Cc}/gu, ''));
    response.writeHead(next.status, { Location: location }).end();
  }
}

/** Headers are bytes: what is not ASCII is sent as UTF-8, as servers do. */
function headerOf(location: string): string {
  return Buffer.from(location).toString('latin1');
}

beforeEach(async () => {
  allowed = await startHost(answer);
  foreign = await startHost(answer);
  const [httpAgent, httpsAgent] = [local(new Agent()), local(new HttpsAgent())];
  const options: OAuthClientOptions = {
    clientId: 'client',
    clientSecret: 'secret',
    tokenEndpoint: `${allowed.origin}/token`,
    baseURL: `${allowed.origin}/api`,
    transport: { ...everywhereHere, httpAgent, httpsAgent, proxy: false, timeout: 2_000 },
    allowInsecureHttp: true,
  };
  const boot = async (tokenPlacement: TokenPlacement): Promise<OAuthSession> => {
    const session = (await bootClient({ ...options, tokenPlacement })).for('alice');
    await session.setToken({ access_token: TOKEN, token_type: 'Bearer' });
    return session;
  };
  sessions = {
    header: await boot('header'),
    query: await boot('query'),
    body: await boot('body'),
  };
});

/** Whatever address it is, it is this machine, and without TLS: what is sent does arrive. */
function local<T extends Agent>(agent: T): T {
  const createConnection = ({ port }: { port?: number | string | null }) =>
    connect(Number(port ?? 80), '127.0.0.1');
  onTestFinished(() => agent.destroy());
  return Object.assign(agent, { createConnection });
}

function real<T>(given: T): T {
  const text = JSON.stringify(given)
    .replaceAll(ALLOWED, String(allowed.port))
    .replaceAll(FOREIGN, String(foreign.port));
  return JSON.parse(text) as T;
}

function call({ url, method, placement, config }: Journey): Observable<unknown> {
  const session = sessions[placement];
  return method === 'post' ? session.post(url, undefined, config) : session[method](url, config);
}

/** Whether a request carries the token, in whatever place. */
function carries({ path, headers, body }: Received): boolean {
  return `${path}\n${JSON.stringify(headers)}\n${body}`.includes(TOKEN);
}

/** An answer, or an error that a caller can tell apart. */
function isFitting(outcome: unknown): boolean {
  const isError = outcome instanceof Error;
  return !isError || axios.isAxiosError(outcome) || outcome instanceof OAuthClientError;
}

describe('wherever a call or a redirect leads', () => {
  it('the token reaches the allowed origin alone, and errors are ours or those of axios', async () => {
    let [arrived, strayed] = [0, 0];
    const property = fc.asyncProperty(journey, async (template) => {
      const given = real(template);
      left = [...given.redirects];
      const [here, there] = [allowed.requests.length, foreign.requests.length];
      const outcome = await firstValueFrom(call(given)).catch((error: unknown) => error);
      expect(outcome).toSatisfy(isFitting);
      const host = `127.0.0.1:${allowed.port}`;
      const seenHere = allowed.requests.slice(here);
      const seenThere = foreign.requests.slice(there);
      expect(seenThere.filter(carries)).toEqual([]);
      // The same server under another name is another origin.
      expect(seenHere.filter((one) => one.headers.host !== host).filter(carries)).toEqual([]);
      arrived += seenHere.filter(carries).length;
      strayed += seenThere.length;
    });
    await holds('destinations of the token', property, { runs: 3_000 });
    expect(arrived).toBeGreaterThan(300);
    expect(strayed).toBeGreaterThan(100);
  }, 60_000);
});
