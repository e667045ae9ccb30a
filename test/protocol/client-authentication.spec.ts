import type { ClientAuthentication } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { authenticateClient } from '../../lib/protocol/client-authentication.js';

async function authenticated(
  authentication: ClientAuthentication,
  clientId: string,
  clientSecret: string | undefined,
): Promise<{ authorization: string | undefined; form: Record<string, string> }> {
  const url = new URL('https://login.example/token');
  const form = new URLSearchParams({ grant_type: 'x' });
  const request = { url, method: 'POST', headers: new Headers(), form };
  const credentials = { clientId, clientSecret, issuer: undefined, now: 0 };
  await authenticateClient(authentication, credentials, request);
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
  ])('by client_secret_basic encodes %s and %s as a form does', async (id, secret, expected) => {
    const { authorization, form } = await authenticated(
      { method: 'client_secret_basic' },
      id,
      secret,
    );
    expect(authorization).toBe(expected);
    expect(form).toEqual({ grant_type: 'x' });
  });

  it('by client_secret_basic takes both as they are where the server wants it', async () => {
    const raw = { method: 'client_secret_basic', encoding: 'raw' } as const;
    expect((await authenticated(raw, 'a b', 'c+%&=ü')).authorization).toBe('a b:c+%&=ü');
  });

  it('by client_secret_post goes into the body', async () => {
    const { authorization, form } = await authenticated(
      { method: 'client_secret_post' },
      'id',
      's+ü',
    );
    expect(authorization).toBeUndefined();
    expect(form).toEqual({ grant_type: 'x', client_id: 'id', client_secret: 's+ü' });
  });

  it('by none names the client alone', async () => {
    const { authorization, form } = await authenticated({ method: 'none' }, 'id', 'secret');
    expect(authorization).toBeUndefined();
    expect(form).toEqual({ grant_type: 'x', client_id: 'id' });
  });
});
