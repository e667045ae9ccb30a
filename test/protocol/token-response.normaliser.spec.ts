import { describe, expect, it } from 'vitest';
import { TokenEndpointResponse } from '../../lib/protocol/http-message.js';
import { conforming, normalise } from '../../lib/protocol/token-response.normaliser.js';

function normalised(body: string, status = 200, type?: string) {
  const headers = new Headers(type === undefined ? {} : { 'content-type': type });
  return normalise(new TokenEndpointResponse(status, headers, body));
}

describe('the answer of a token endpoint', () => {
  it.each([
    ['JSON', '{"access_token":"a","expires_in":60}', { access_token: 'a', expires_in: 60 }],
    ['JSON with space and a mark', '\uFEFF \n{"access_token":"a"} ', { access_token: 'a' }],
    ['a form', 'access_token=a&scope=read+write', { access_token: 'a', scope: 'read write' }],
    ['a form with escapes', 'access_token=a%2Bb%3D', { access_token: 'a+b=' }],
    ['nulls', '{"access_token":"a","refresh_token":null}', { access_token: 'a' }],
    ['empty fields', 'access_token=a&refresh_token=', { access_token: 'a' }],
    ['an error of null', '{"access_token":"a","error":null}', { access_token: 'a' }],
    ['an empty error', '{"access_token":"a","error":""}', { access_token: 'a' }],
  ])('is read whatever its type says: %s', (_what, body, fields) => {
    for (const type of ['application/json', 'text/plain', undefined]) {
      expect(normalised(body, 200, type)).toEqual({ kind: 'fields', fields });
    }
  });

  it('is accepted with any status of success', () => {
    expect(normalised('{"access_token":"a"}', 201).kind).toBe('fields');
    expect(normalised('{"access_token":"a"}', 400).kind).toBe('error');
  });

  it.each([200, 400, 401, 403, 500])('is an error when it names one, with a %d', (status) => {
    const body = '{"error":"invalid_grant","error_description":"Gone","error_uri":"https://x"}';
    expect(normalised(body, status)).toEqual({
      kind: 'error',
      status,
      error: 'invalid_grant',
      errorDescription: 'Gone',
      errorUri: 'https://x',
    });
  });

  it('is an error in a form as in JSON', () => {
    expect(normalised('error=bad_code&error_description=No+such+code')).toMatchObject({
      error: 'bad_code',
      errorDescription: 'No such code',
    });
  });

  it.each([
    ['', undefined, 'an empty body'],
    [' \n', 'application/json', 'an empty body'],
    ['<html>access_token=a</html>', 'text/html; charset=utf-8', 'a body of type text/html'],
    ['{"access_token":', 'application/json', 'a body of type application/json'],
    ['["access_token"]', 'application/json', 'a body of type application/json'],
    ['null', undefined, 'a body of no known type'],
    ['Bad gateway', undefined, 'a body of no known type'],
    ['{"error":{"code":7}}', undefined, 'a body without a token'],
    ['{"error":true,"access_token":"a"}', undefined, 'a body without a token'],
  ])('is described when it is neither: %o', (body, type, nature) => {
    const answer = normalised(body, 200, type);
    expect(answer).toMatchObject({ kind: 'error', status: 200 });
    expect(answer).toHaveProperty('nature', expect.stringContaining(nature));
  });

  it('does not take a member of every object for a field', () => {
    expect(normalised('{"__proto__":{"access_token":"a"}}')).toMatchObject({ kind: 'fields' });
    expect(({} as Record<string, unknown>)['access_token']).toBeUndefined();
  });
});

describe('the form in which an answer is judged', () => {
  it.each([
    [{ access_token: 'a' }, { access_token: 'a', token_type: 'Bearer' }],
    [{ token_type: 'MAC' }, { token_type: 'MAC' }],
    [{ expires_in: '60' }, { token_type: 'Bearer', expires_in: 60 }],
    [{ expires_in: -1 }, { token_type: 'Bearer' }],
    [{ expires_in: 'soon' }, { token_type: 'Bearer' }],
    [{ scope: ['read'] }, { token_type: 'Bearer' }],
    [
      { scope: 'read', team: 7 },
      { token_type: 'Bearer', scope: 'read', team: 7 },
    ],
  ])('of %o is %o', (fields, expected) => {
    expect(conforming(fields)).toEqual(expected);
  });
});
