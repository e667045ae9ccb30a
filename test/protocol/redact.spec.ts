import { describe, expect, it } from 'vitest';
import { redact, redactCode, secretsOf } from '../../lib/protocol/redact.js';

const form = (params: Record<string, string>) => new URLSearchParams(params);

describe('the secrets of a request', () => {
  it('are all of its parameters but those that are known to be none', () => {
    const request = form({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      scope: 'read',
      resource: 'https://api.example',
      audience: 'api',
      client_id: 'client',
      redirect_uri: 'https://app.example/callback',
      token_type_hint: 'access_token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      subject_token: 'subject-secret',
      actor_token: 'actor-secret',
      device_code: 'device-secret',
      of_our_own: 'own-secret',
    });
    expect(secretsOf(request)).toEqual([
      'subject-secret',
      'actor-secret',
      'device-secret',
      'own-secret',
    ]);
  });

  it('hold a short value only where its name tells that it is one', () => {
    expect(secretsOf(form({ n: '1', password: 'x', code: '' }))).toEqual(['x']);
  });

  it('hold the credentials of its header, and what they are made of', () => {
    const credentials = Buffer.from('client:se%20cret').toString('base64');
    const headers = new Headers({
      authorization: `Basic ${credentials}`,
      accept: 'application/json',
      'x-api-key': 'header-secret',
    });
    expect(new Set(secretsOf(form({}), headers))).toEqual(
      new Set([
        `Basic ${credentials}`,
        credentials,
        'client:se%20cret',
        'se%20cret',
        'se cret',
        'header-secret',
      ]),
    );
  });
});

describe('a text', () => {
  const secret = `a b'c"d&é<`;

  it.each([
    ['as it is', secret],
    ['in the encoding of addresses', encodeURIComponent(secret)],
    ['in the encoding of forms', String(form({ p: secret })).slice(2)],
    [
      'in that encoding, in lower case',
      String(form({ p: secret }))
        .slice(2)
        .toLowerCase(),
    ],
    ['inside of JSON', JSON.stringify(secret).slice(1, -1)],
    ['inside of ASCII JSON', `a b'c\\"d&\\u00e9<`],
    ['inside of HTML', 'a b&#39;c&quot;d&amp;é&lt;'],
    ['inside of HTML, by other names', 'a b&#x27;c&quot;d&amp;é&lt;'],
    ['inside of HTML, with plain quotes', `a b'c"d&amp;é&lt;`],
  ])('loses a secret %s', (_how, form) => {
    expect(redact(`before ${form} after`, [secret])).toBe('before [redacted] after');
  });

  it('loses the longest secret first, and is read once', () => {
    expect(redact('abcdefgh and abcd and redacted', ['abcd', 'abcdefgh', 'redacted'])).toBe(
      '[redacted] and [redacted] and [redacted]',
    );
  });

  it('is dropped for a secret that is too short to be replaced', () => {
    expect(redact('bad password e', ['e'])).toBe('[redacted]');
    expect(redact('bad password', ['xyz'])).toBe('bad password');
  });

  it('may be of any characters, and so may a secret', () => {
    expect(redact('a \ud800 b', ['long \ud800 secret', '[.*]+$'])).toBe('a \ud800 b');
  });

  it('that is no text stays none', () => {
    expect(redact(undefined, ['secret'])).toBeUndefined();
  });

  it('that is an error code keeps what the standard knows', () => {
    expect(redactCode('invalid_grant', ['grant', 'i'])).toBe('invalid_grant');
    expect(redactCode('swordfish', ['swordfish'])).toBe('[redacted]');
    expect(redactCode('token_revoked', ['i', 'token'])).toBe('token_revoked');
    expect(redactCode('i', ['i'])).toBe('[redacted]');
  });
});
