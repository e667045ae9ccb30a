import { ConfigurationError } from '../errors/configuration.errors.js';

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

/** A binding that is empty ties a flow to nobody. */
export function demandBinding(client: string, binding: unknown): void {
  if (binding === undefined || (typeof binding === 'string' && binding !== '')) return;
  throw new ConfigurationError({
    client,
    problem: 'The binding is empty, or no text.',
    remedy: 'Pass what ties the flow to this browser, such as its session id.',
  });
}
