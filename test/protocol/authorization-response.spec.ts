import { describe, expect, it } from 'vitest';
import { parseAuthorizationResponse } from '../../lib/protocol/authorization-response.js';

const EXPECTED = { code: 'c', state: 's', tokens: [], repeated: [] };

describe('an authorization response', () => {
  it.each([
    'https://app.example/callback?code=c&state=s',
    'https://app.example/callback?code=c&state=s#code=evil',
    'http://127.0.0.1:3000/callback?state=s&code=c&unknown=1',
    '/callback?code=c&state=s',
    'callback?code=c&state=s',
    '?code=c&state=s',
    'code=c&state=s',
    'state=s&code=c',
    'com.example.app:/callback?code=c&state=s',
    'https://app.example/callback?foo=https://x/?y&code=c&state=s',
  ])('is read from %s', (response) => {
    expect(parseAuthorizationResponse(response)).toEqual(EXPECTED);
  });

  it.each([
    '',
    'https://app.example/callback',
    'https://app.example/code=c&state=s',
    '/callback#code=c&state=s',
    'nonsense',
  ])('is empty where there is nothing to read: %o', (response) => {
    expect(parseAuthorizationResponse(response)).toEqual({ tokens: [], repeated: [] });
  });

  it('decodes what it reads', () => {
    const { code, state, iss } = parseAuthorizationResponse(
      '/cb?code=a%2Fb%2B&state=x+y&iss=https%3A%2F%2Fas.example',
    );
    expect([code, state, iss]).toEqual(['a/b+', 'x y', 'https://as.example']);
  });

  it('brings an error, its description cut and without control characters', () => {
    const long = 'x'.repeat(1000);
    const { error, errorDescription } = parseAuthorizationResponse(
      `/cb?error=access_denied&error_description=No%0Aline%00${long}&state=s`,
    );
    expect(error).toBe('access_denied');
    expect(errorDescription).toMatch(/^No line x+…$/);
    expect(errorDescription).toHaveLength(200);
  });

  it('drops what is empty', () => {
    expect(parseAuthorizationResponse('/cb?code=&state=s&error=')).toEqual({
      state: 's',
      tokens: [],
      repeated: [],
    });
  });

  it.each(['state', 'code', 'error', 'iss'])('says that %s came more than once', (name) => {
    expect(parseAuthorizationResponse(`/cb?${name}=a&${name}=b`).repeated).toEqual([name]);
  });
});
