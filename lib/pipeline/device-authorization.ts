import {
  defer,
  EMPTY,
  expand,
  of,
  timer,
  type Observable,
  mergeMap,
  takeWhile,
  concat,
} from 'rxjs';
import { AuthorizationResponseError } from '../errors/authorization.errors.js';
import { finiteNumber } from '../protocol/expiry.js';
import type { TokenSet } from '../protocol/token-set.js';
import type { ClientParts } from './client-parts.js';
import { ExchangeFailure } from './exchange-failure.js';
import type { EndpointCall } from './endpoint-caller.js';
import type { GrantBinding } from './grant-binding.js';

/** The type of the grant on the wire. RFC 8628, section 3.4. */
export const DEVICE_GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Seconds between two questions where the server names none. RFC 8628, section 3.2. */
const INTERVAL_SECONDS = 5;
/** What is added when the server says `slow_down`, in seconds. RFC 8628, section 3.5. */
const SLOW_DOWN_SECONDS = 5;

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

interface DeviceCode {
  readonly deviceCode: string;
  readonly shown: DeviceAuthorization & { status: 'pending' };
  readonly intervalSeconds: number;
}

/**
 * The device authorization grant (RFC 8628): hands the user code to the application at once, then
 * asks for the token until the user has decided, the code has ended, or nobody listens any more.
 *
 * @param exchange - Makes one token request with these parameters and stores what it brings.
 */
export function deviceAuthorization(
  parts: ClientParts,
  binding: GrantBinding,
  exchange: (params: { device_code: string }) => Promise<TokenSet>,
): Observable<DeviceAuthorization> {
  return defer(() => deviceCode(parts, binding)).pipe(
    mergeMap((code) =>
      concat(
        of(code.shown),
        poll(parts, binding, code, () => exchange({ device_code: code.deviceCode })),
      ),
    ),
  );
}

function poll(
  parts: ClientParts,
  binding: GrantBinding,
  { shown, intervalSeconds }: DeviceCode,
  exchange: () => Promise<TokenSet>,
): Observable<DeviceAuthorization> {
  type Step = { readonly waitSeconds: number; readonly token?: TokenSet };
  const ask = async ({ waitSeconds }: Step): Promise<Step> => {
    if (parts.clock.now() / 1000 >= shown.expiresAt) throw expired(binding);
    try {
      return { waitSeconds, token: await exchange() };
    } catch (failure) {
      return { waitSeconds: waitSeconds + extraWait(failure, binding) };
    }
  };
  const next = (step: Step) => timer(step.waitSeconds * 1000).pipe(mergeMap(() => ask(step)));
  const first: Step = { waitSeconds: intervalSeconds };
  return of(first).pipe(
    expand((step) => (step.token ? EMPTY : next(step))),
    mergeMap(({ token }) => (token ? of({ status: 'authorized' as const, token }) : EMPTY)),
    takeWhile(({ status }) => status !== 'authorized', true),
  );
}

/** Seconds to wait longer, or the error that ends the asking. RFC 8628, section 3.5. */
function extraWait(failure: unknown, { client, subject }: GrantBinding): number {
  if (!(failure instanceof ExchangeFailure)) throw failure;
  const { error, errorDescription, retryAfter } = failure.error;
  if (error === 'authorization_pending') return 0;
  if (error === 'slow_down') return SLOW_DOWN_SECONDS;
  if (failure.kind === 'throttled') return retryAfter ?? SLOW_DOWN_SECONDS;
  if (failure.kind !== 'final') return SLOW_DOWN_SECONDS;
  if (error === 'access_denied' || error === 'expired_token') {
    throw new AuthorizationResponseError({ client, subject, error, errorDescription });
  }
  throw failure.error;
}

function expired({ client, subject }: GrantBinding): AuthorizationResponseError {
  return new AuthorizationResponseError({
    client,
    subject,
    error: 'expired_token',
    errorDescription: 'the user code has ended',
    remedy: 'Begin again to get a new user code.',
  });
}

async function deviceCode(parts: ClientParts, binding: GrantBinding): Promise<DeviceCode> {
  const { settings, caller, clock } = parts;
  const scope = binding.variant?.scope ?? settings.scope;
  const call: EndpointCall = {
    endpoint: 'device_authorization',
    form: new URLSearchParams({
      client_id: settings.clientId,
      ...(scope.length > 0 && { scope: scope.join(settings.scopeSeparator) }),
    }),
    authentication: settings.authentication,
    remedy: 'Check deviceAuthorizationEndpoint, and whether the client may use the device grant.',
  };
  const response = await caller.call(binding, call);
  const answer = (response.json() ?? {}) as Record<string, unknown>;
  const { device_code: device, user_code: user, verification_uri_complete: complete } = answer;
  const uri = answer['verification_uri'] ?? answer['verification_url'];
  const lifetime = finiteNumber(answer['expires_in']);
  if (
    typeof device !== 'string' ||
    typeof user !== 'string' ||
    typeof uri !== 'string' ||
    lifetime === undefined
  ) {
    const { status } = response;
    throw caller.error(binding, call, 'answered no device authorization response', { status });
  }
  return {
    deviceCode: device,
    intervalSeconds: Math.max(1, finiteNumber(answer['interval']) ?? INTERVAL_SECONDS),
    shown: {
      status: 'pending',
      userCode: user,
      verificationUri: uri,
      expiresAt: Math.trunc(clock.now() / 1000 + lifetime),
      ...(typeof complete === 'string' && { verificationUriComplete: complete }),
    },
  };
}
