import { describe, expect, it } from 'vitest';
import { bodyExcerpt } from '../../lib/protocol/body-excerpt.js';

const excerpt = (body: string, secrets: string[] = [], status = 400) =>
  bodyExcerpt({ status, body }, secrets);

describe('an excerpt of a body that was not understood', () => {
  it('is the prose of a page, without markup, scripts and styles', () => {
    const page =
      '<html><head><title>x</title></head><body><script>var t="a"</script><h1>Service unavailable</h1>\n<p>Try  later</body>';
    expect(excerpt(page)).toBe('Service unavailable Try later');
  });

  it('is of JSON the names, and the text of error members alone', () => {
    const body = JSON.stringify({
      data: { access_token: 'secret', n: 3, big: 1234567 },
      errors: [{ message: 'Unknown client', hint: 'x' }],
    });
    expect(excerpt(body)).toBe(
      '{"data":{"access_token":"[redacted]","n":3,"big":"…"},"errors":[{"message":"Unknown client","hint":"…"}]}',
    );
  });

  it.each([
    ['what the request has sent', 'No such user: swordfish', ['swordfish']],
    ['it URL-encoded', 'No such user: a%26b', ['a&b']],
    ['it as our forms encode it', 'No such user: sword+f%27ish', ["sword f'ish"]],
    ['the beginning of it, cut off', `${'<i>'.repeat(1328)} swordfishes`, ['swordfishes']],
    ['a value behind a telling name', 'the token=swordfish was refused', []],
    ['a word behind a telling name', 'the code sw0rd is unknown', []],
    ['a word that is said to be it', 'the password is sw0rd', []],
    ['a long word behind a telling name', 'the token swordfishfish', []],
    ['a word of letters and digits', 'refused sw0rdfish', []],
    ['a long word', 'refused swordfishswordfishswordfish', []],
    ['a JSON text that is no object of ours', '["swordfish"', []],
    ['another value of JSON', '{"value":"swordfish"}', []],
    ['a token in an error member', '{"message":"refused sw0rdf1sh"}', []],
  ])('never holds %s', (_what, body, secrets) => {
    expect(excerpt(body, secrets) ?? '').not.toMatch(/(?<!pas)sw[o0]rd|a%26b/);
  });

  it('shows prose only of an answer that cannot hold a token', () => {
    expect(excerpt('abcdefghijklmnop', [], 200)).toBeUndefined();
    expect(excerpt('"abcdefghijklmnop"', [], 201)).toBeUndefined();
    expect(excerpt('{"message":"Unknown client"}', [], 200)).toBe('{"message":"Unknown client"}');
    expect(excerpt('Try later', [], 302)).toBe('Try later');
  });

  it('is short, on one line, and nothing of an empty body', () => {
    const long = excerpt('word '.repeat(100))!;
    expect(long).toHaveLength(120);
    expect(long.endsWith('…')).toBe(true);
    expect(excerpt('one\r\ntwo\u0000')).toBe('one two');
    expect(excerpt(' ')).toBeUndefined();
    expect(excerpt('<div></div>')).toBeUndefined();
  });
});
