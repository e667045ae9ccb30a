import { describe, expect, it } from 'vitest';
import { prefersHtml } from '../../lib/web/accept.js';

describe('the Accept header', () => {
  it.each([
    'text/html',
    'TEXT/HTML',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'application/json;q=0.8, text/html;q=0.9',
    'text/*, application/json; q=0.5',
    'text/html;level=1;q=0.4, application/*;q=0.3',
    'text/html, application/json;q=0',
  ])('asks for a page: %s', (accept) => {
    expect(prefersHtml(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'application/json',
    'application/problem+json, text/html;q=0.9',
    'text/html;q=0.5, */*',
    'text/html, application/json',
    'text/html;q=0',
    'text/plain',
    ';;,,q=1',
  ])('asks for JSON: %s', (accept) => {
    expect(prefersHtml(accept)).toBe(false);
  });
});
