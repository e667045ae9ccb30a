import { concat, defer, map, mergeMap, of, type Observable } from 'rxjs';
import { finiteNumber } from '../protocol/expiry.js';
import { setParams } from '../protocol/params.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { pollForToken, type DeviceCode, type DeviceExchange } from './device-poll.js';
import type { EndpointCall } from './endpoint-caller.js';
import type { GrantBinding } from './grant-binding.js';
import { targets } from './grant-request.js';

/** The type of the grant on the wire. RFC 8628, section 3.4. */
export const DEVICE_GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Seconds between two questions where the server names none. RFC 8628, section 3.2. */
const INTERVAL_SECONDS = 5;

/** What to show to the user, and what comes of it. RFC 8628, section 3.2. */
export type DeviceAuthorization =
  | {
      /** The user has not decided yet. */
      readonly status: 'pending';
      /** What the user types in. */
      readonly userCode: string;
      /** Where the user types it in. */
      readonly verificationUri: string;
      /** The same with the code in it, for a QR code, where the server offers it. */
      readonly verificationUriComplete?: string;
      /** When the code ends, in epoch seconds. */
      readonly expiresAt: number;
    }
  | {
      /** The user has agreed, and the token is stored. */
      readonly status: 'authorized';
      /** The token. */
      readonly token: TokenSet;
    };

/** What the server has given out for one authorization. */
interface BegunDevice {
  readonly code: DeviceCode;
  readonly shown: DeviceAuthorization & { status: 'pending' };
}

/**
 * The device authorization grant (RFC 8628): hands the user code to the application at once, then
 * asks for the token until the user has decided, the code has ended, or nobody listens any more.
 */
export function deviceAuthorization(
  parts: ClientParts,
  binding: GrantBinding,
  exchange: DeviceExchange,
): Observable<DeviceAuthorization> {
  return defer(() => begin(parts, binding)).pipe(
    mergeMap(({ code, shown }) => {
      const token$ = exchange.around(() => pollForToken(parts.clock, binding, code, exchange));
      return concat(
        of(shown),
        token$.pipe(map((token) => ({ status: 'authorized', token }) as const)),
      );
    }),
  );
}

async function begin(parts: ClientParts, binding: GrantBinding): Promise<BegunDevice> {
  const { settings, caller, clock } = parts;
  const call: EndpointCall = {
    endpoint: 'device_authorization',
    form: formOf(parts, binding),
    authentication: settings.authentication,
    remedy: 'Check deviceAuthorizationEndpoint, and whether the client may use the device grant.',
  };
  const response = await caller.call(binding, call);
  const answer = (response.json() ?? {}) as Record<string, unknown>;
  const { device_code: device, user_code: user, verification_uri_complete: complete } = answer;
  const uri = answer['verification_uri'] ?? answer['verification_url'];
  const lifetime = finiteNumber(answer['expires_in']);
  const { status } = response;
  if (
    typeof device !== 'string' ||
    typeof user !== 'string' ||
    typeof uri !== 'string' ||
    lifetime === undefined
  ) {
    throw caller.error(binding, call, 'answered no device authorization response', { status });
  }
  if (!isOfWeb(uri) || (typeof complete === 'string' && !isOfWeb(complete))) {
    throw caller.error(binding, call, 'named a verification_uri that is no web page', { status });
  }
  const expiresAt = Math.trunc(clock.now() / 1000 + lifetime);
  const intervalSeconds = Math.max(1, finiteNumber(answer['interval']) ?? INTERVAL_SECONDS);
  return {
    code: { deviceCode: device, intervalSeconds, expiresAt },
    shown: {
      status: 'pending',
      userCode: user,
      verificationUri: uri,
      expiresAt,
      ...(typeof complete === 'string' && { verificationUriComplete: complete }),
    },
  };
}

/** What is asked for. RFC 8628, section 3.1. */
function formOf({ settings }: ClientParts, { variant }: GrantBinding): URLSearchParams {
  const form = new URLSearchParams();
  const scope = variant?.scope ?? settings.scope;
  setParams(form, settings.authorizationParams);
  setParams(form, targets(variant));
  setParams(form, {
    client_id: settings.clientId,
    ...(scope.length > 0 && { scope: scope.join(settings.scopeSeparator) }),
  });
  return form;
}

/** What is shown as a link must not be a script. */
function isOfWeb(uri: string): boolean {
  return /^https?:\/\/\S+$/i.test(uri);
}
