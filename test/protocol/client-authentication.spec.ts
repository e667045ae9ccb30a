import { describe, expect, it } from 'vitest';
import {
  authenticateClient,
  type ClientAuthentication,
} from '../../lib/protocol/client-authentication.js';

function authenticated(
  authentication: ClientAuthentication,
  clientId: string,
  clientSecret: string | undefined,
): { authorization: string | undefined; form: Record<string, string> } {
  const request = { headers: new Headers(), form: new URLSearchParams({ grant_type: 'x' }) };
  authenticateClient(authentication, { clientId, clientSecret }, request);
  const [, encoded] = request.headers.get('authorization')?.split('Basic ') ?? [];
  return {
    authorization: encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString(),
    form: Object.fromEntries(request.form),
  };
}

describe('client authentication', () => {
  it.each([
    ['web-client', 'web-secret_1.2', 'web-client:web-secret_1.2'],
    ['a:b', 'c:d', 'a%3Ab:c%3Ad'],
    ['id', 'a b+c%d&e=f', 'id:a+b%2Bc%25d%26e%3Df'],
    ['id', 'ü漢', 'id:%C3%BC%E6%BC%A2'],
    ['id', '', 'id:'],
  ])('by client_secret_basic encodes %s and %s as a form does', (id, secret, expected) => {
    const { authorization, form } = authenticated({ method: 'client_secret_basic' }, id, secret);
    expect(authorization).toBe(expected);
    expect(form).toEqual({ grant_type: 'x' });
  });

  it('by client_secret_basic takes both as they are where the server wants it', () => {
    const raw = { method: 'client_secret_basic', encoding: 'raw' } as const;
    expect(authenticated(raw, 'a b', 'c+%&=ü').authorization).toBe('a b:c+%&=ü');
  });

  it('by client_secret_post goes into the body', () => {
    const { authorization, form } = authenticated({ method: 'client_secret_post' }, 'id', 's+ü');
    expect(authorization).toBeUndefined();
    expect(form).toEqual({ grant_type: 'x', client_id: 'id', client_secret: 's+ü' });
  });

  it('by none names the client alone', () => {
    const { authorization, form } = authenticated({ method: 'none' }, 'id', 'secret');
    expect(authorization).toBeUndefined();
    expect(form).toEqual({ grant_type: 'x', client_id: 'id' });
  });
});
