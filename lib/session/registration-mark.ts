import { createHash } from 'node:crypto';
import { parseUrl } from '../protocol/url.js';
import { tokenUriOf } from './grant.resolver.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import { CALLED_ADDRESSES } from './option-addresses.js';

/** Options by which no token of a user goes anywhere: a browser's addresses, and public keys. */
const WITHOUT_TOKEN = new Set<(typeof CALLED_ADDRESSES)[number]>([
  'authorizationEndpoint',
  'deviceAuthorizationEndpoint',
  'endSessionEndpoint',
  'jwksUri',
]);

/**
 * What tells two registrations apart whose users' tokens are not for each other: another client,
 * another authorization server, or another origin that tokens are sent to. Secrets, scope and paths
 * of an API may change. What a `baseURL` function answers is code, and not part of it.
 */
export function registrationMark(options: OAuthClientOptions): string {
  const { clientId, issuer, metadataUrl, tokenEndpoint, grant, allowedOrigins = [] } = options;
  const called = CALLED_ADDRESSES.filter((name) => !WITHOUT_TOKEN.has(name));
  const places = [...called.map((name) => options[name]), ...allowedOrigins];
  const origins = places.flatMap((place) => (typeof place === 'string' ? originOf(place) : []));
  const server = [issuer, metadataUrl, tokenEndpoint ?? tokenUriOf(grant)];
  const text = JSON.stringify([clientId, server, [...new Set(origins)].sort()]);
  return createHash('sha256').update(text).digest('base64url').slice(0, MARK_LENGTH);
}

/** 192 bits: nobody makes another registration of the same mark. */
const MARK_LENGTH = 32;

/** A pattern of origins is no URL, and stands for itself. */
function originOf(place: string): string {
  const url = place.includes('*') ? undefined : parseUrl(place);
  return url?.origin ?? place.toLowerCase().replace(/\/$/, '');
}
