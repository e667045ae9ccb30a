import { ConfigurationError } from '../errors/configuration.errors.js';
import type { AuthorizationRequestRecord } from '../store/authorization-request-store.js';

/** A redirect that a response can bring about leads nowhere but into this application. */
export function demandLocalPath(client: string, returnTo: unknown): void {
  if (returnTo === undefined) return;
  if (typeof returnTo === 'string' && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(returnTo)) return;
  throw new ConfigurationError({
    client,
    problem: 'returnTo is not a path of this application.',
    remedy: "Pass a path that begins with one slash, such as '/settings'.",
  });
}

/** A response that is no text answers nothing. */
export function demandResponse(client: string, option: string, response: unknown): void {
  if (typeof response === 'string') return;
  throw new ConfigurationError({
    client,
    problem: `The ${option} is no text.`,
    remedy: 'Pass the full URL of the request, or its path and query.',
  });
}

/** Whether what was pending is of this kind: an answer to one is none to the other. */
export function isPending(
  kind: NonNullable<AuthorizationRequestRecord['kind']>,
  record: AuthorizationRequestRecord,
): boolean {
  return (record.kind ?? 'authorization') === kind;
}

/** A binding that is empty ties a flow to nobody. */
export function demandBinding(client: string, binding: unknown): void {
  if (binding === undefined || (typeof binding === 'string' && binding !== '')) return;
  throw new ConfigurationError({
    client,
    problem: 'The binding is empty, or no text.',
    remedy: 'Pass what ties the flow to this browser, such as its session id.',
  });
}
