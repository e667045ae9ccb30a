import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 as base64url: what is stored of a state or a binding. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether a text has this hash; takes the same time whatever differs. */
export function hashesTo(text: string, hash: string): boolean {
  const given = Buffer.from(sha256(text));
  const expected = Buffer.from(hash);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
