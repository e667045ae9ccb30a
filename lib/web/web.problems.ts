import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { parseUrl } from '../protocol/url.js';
import { isObject, nestedProblems } from '../session/option-values.js';
import { isLoopback } from './routes/request.view.js';
import type { OAuthRoutesOptions, OAuthWebOptions } from './web.options.js';

const ROUTES: Record<keyof OAuthRoutesOptions, true> = {
  path: true,
  origin: true,
  clients: true,
  guards: true,
  interceptors: true,
  subject: true,
};
const PATH = /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/;

type Given = { readonly [K in keyof OAuthWebOptions]?: unknown };
type Problems = ConfigurationProblem[];

/** Every mistake in how the module is to face the application's users. */
export function webProblems(options: object): Problems {
  const { routes, subject, requestOf }: Given = options;
  const given: { readonly [K in keyof OAuthRoutesOptions]?: unknown } = isObject(routes)
    ? routes
    : {};
  return [
    ...functionProblems('subject', subject),
    ...functionProblems('requestOf', requestOf),
    ...nestedProblems('routes', routes, Object.keys(ROUTES)),
    ...functionProblems('routes.subject', given.subject),
    ...subjectProblems(routes, subject, given.subject),
    ...pathProblems(given.path),
    ...originProblems(given.origin),
    ...listProblems('routes.clients', given.clients, 'string', "Write ['github']."),
    ...listProblems('routes.guards', given.guards, 'function', CLASSES),
    ...listProblems('routes.interceptors', given.interceptors, 'function', CLASSES),
  ];
}

const CLASSES = 'Give the classes, not instances: guards: [SignedInGuard].';

/** Names in `routes.clients` by which there is no client. */
export function unknownClients(
  { clients }: OAuthRoutesOptions,
  isFit: (client: string) => boolean,
): Problems {
  const unfit = (clients ?? []).filter((client) => !isFit(client));
  return unfit.map((client) => ({
    client,
    option: 'routes.clients',
    problem: 'No client of this name has the grant authorization_code.',
    remedy: 'Correct the name, or configure the client.',
  }));
}

function functionProblems(option: string, given: unknown): Problems {
  if (given === undefined || typeof given === 'function') return [];
  return [{ option, problem: 'It is no function.', remedy: 'Give a function of the request.' }];
}

function subjectProblems(routes: unknown, subject: unknown, ofRoutes: unknown): Problems {
  if (routes === undefined) return [];
  const option = 'subject';
  if (subject !== undefined && ofRoutes !== undefined) {
    const remedy = 'Keep one of the two.';
    return [{ option, problem: 'It is set beside routes.subject.', remedy }];
  }
  if (subject !== undefined || ofRoutes !== undefined) return [];
  const problem =
    'It is missing, and the routes need it: nothing says whose tokens they are about.';
  return [{ option, problem, remedy: 'Set it, such as (request) => request.user?.id.' }];
}

function pathProblems(path: unknown): Problems {
  if (path === undefined || (typeof path === 'string' && PATH.test(path))) return [];
  const problem = 'It is no path of plain words.';
  return [{ option: 'routes.path', problem, remedy: "Write it as 'oauth' or 'account/oauth'." }];
}

function originProblems(origin: unknown): Problems {
  if (origin === undefined) return [];
  const option = 'routes.origin';
  const url = typeof origin === 'string' ? parseUrl(origin) : undefined;
  const isOrigin = url && (url.origin === origin || `${url.origin}/` === origin);
  const remedy = 'Write scheme, host and port alone, as https://app.example.';
  if (!isOrigin) return [{ option, problem: 'It is no origin.', remedy }];
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.origin))) return [];
  return [{ option, problem: `It is ${url.protocol}//, not https://.`, remedy }];
}

function listProblems(
  option: string,
  list: unknown,
  type: 'string' | 'function',
  remedy: string,
): Problems {
  if (list === undefined) return [];
  if (!Array.isArray(list)) return [{ option, problem: 'It is no list.', remedy }];
  const isFit = (item: unknown) => typeof item === type && item !== '' && isClass(item);
  if (Array.from<unknown>(list).every(isFit)) return [];
  const what = type === 'string' ? 'name' : 'class';
  return [{ option, problem: `A part of it is no ${what}.`, remedy }];
}

/** A function that cannot make instances, such as an arrow, is no class. */
function isClass(item: unknown): boolean {
  return typeof item !== 'function' || isObject(item.prototype as unknown);
}
