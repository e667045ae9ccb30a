import { randomInt } from 'node:crypto';
import { requireClient } from './fake-authorization-server.client-authentication.js';
import type {
  DeviceAuthorization,
  FakeServerContext,
} from './fake-authorization-server.context.js';
import { endpointUrl } from './fake-authorization-server.context.js';
import {
  FakeProtocolError,
  jsonResponse,
  NO_STORE,
  scopeList,
} from './fake-authorization-server.http.js';
import type { FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
import type { FakeJournalNotes } from './fake-authorization-server.journal.js';
import { newSecret } from './fake-authorization-server.tokens.js';

/** The device authorization endpoint, RFC 8628 section 3.1. */
export function deviceAuthorization(
  request: FakeRequest,
  notes: FakeJournalNotes,
  server: FakeServerContext,
): FakeResponse {
  const client = requireClient(request, request.form, server);
  notes.client = client.clientId;
  const { deviceCodeSeconds, deviceIntervalSeconds } = server.policy;
  const device: DeviceAuthorization = {
    deviceCode: newSecret('dc'),
    userCode: newUserCode(),
    client: client.clientId,
    scope: scopeList(request.form.get('scope') ?? client.scope),
    resource: request.form.getAll('resource'),
    expiresAt: server.clock.now() + deviceCodeSeconds,
    intervalSeconds: deviceIntervalSeconds,
  };
  server.devices.set(device.deviceCode, device);
  const verification = endpointUrl(server, '/device');
  const body = {
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: verification,
    verification_uri_complete: `${verification}?user_code=${device.userCode}`,
    expires_in: deviceCodeSeconds,
    interval: deviceIntervalSeconds,
  };
  return jsonResponse(200, body, NO_STORE);
}

/** What the user said; throws what RFC 8628 section 3.5 wants while, and if, there is nothing to give. */
export function pollDevice(
  deviceCode: string,
  clientId: string,
  server: FakeServerContext,
): { subject: string; scope: readonly string[]; resource: readonly string[] } {
  const device = server.devices.get(deviceCode);
  if (!device || device.client !== clientId) {
    throw new FakeProtocolError('invalid_grant', 'The device_code is not known');
  }
  const now = server.clock.now();
  if (now >= device.expiresAt) {
    throw new FakeProtocolError('expired_token', 'The device_code has expired');
  }
  const isEarly = device.polledAt !== undefined && now < device.polledAt + device.intervalSeconds;
  device.polledAt = now;
  if (isEarly) {
    device.intervalSeconds += 5;
    throw new FakeProtocolError('slow_down', 'Polled before the interval had passed');
  }
  if (device.decision === undefined) {
    throw new FakeProtocolError('authorization_pending', 'The user has not decided yet');
  }
  server.devices.delete(deviceCode);
  if (device.decision === 'denied') {
    throw new FakeProtocolError('access_denied', 'The user said no');
  }
  return { subject: device.decision.subject, scope: device.scope, resource: device.resource };
}

/** What the user does at `verification_uri`. */
export function decideDevice(
  userCode: string,
  decision: { subject: string } | 'denied',
  server: FakeServerContext,
): void {
  const device = [...server.devices.values()].find((one) => one.userCode === userCode);
  if (!device) throw new Error(`No device waits with the user code ${userCode}`);
  device.decision = decision;
}

/** Consonants only, so that no words come about (RFC 8628 section 6.1). */
function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => 'BCDFGHJKLMNPQRSTVWXZ'[randomInt(20)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
