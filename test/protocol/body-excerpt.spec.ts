import { describe, expect, it } from 'vitest';
import { bodyExcerpt } from '../../lib/protocol/body-excerpt.js';

const excerpt = (body: string, secrets: string[] = []) => bodyExcerpt(body, secrets);

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
    ['a value behind a telling name', 'the token=swordfish was refused', []],
    ['a word of letters and digits', 'refused sw0rdfish', []],
    ['a long word', 'refused swordfishswordfishswordfish', []],
    ['a JSON text that is no object of ours', '["swordfish"', []],
    ['another value of JSON', '{"value":"swordfish"}', []],
    ['a token in an error member', '{"message":"refused sw0rdf1sh"}', []],
  ])('never holds %s', (_what, body, secrets) => {
    expect(excerpt(body, secrets) ?? '').not.toMatch(/sw[o0]rdf[i1]sh|a%26b/);
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
