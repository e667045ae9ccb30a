import type { default as Provider, KoaContextWithOIDC } from 'oidc-provider';
import type { Tally } from './tally.js';

export type Middleware = Parameters<Provider['use']>[0];

/** Counts what arrives at the token endpoint, refused or not, and tells the count at `/counters`. */
export function tokenRequests(counted: Tally): Middleware {
  return async (context, next) => {
    if (context.path === '/counters') {
      context.body = counted.toJSON();
      return;
    }
    try {
      await next();
    } finally {
      if (context.path === '/token' && context.method === 'POST') {
        // Known only once the server has read the body.
        const { client, params } = (context as KoaContextWithOIDC).oidc;
        counted.add(client?.clientId ?? 'unknown client', String(params?.['grant_type']));
      }
    }
  };
}
