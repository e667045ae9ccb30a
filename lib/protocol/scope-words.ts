import { redact } from './redact.js';

const HIDDEN = '[redacted]';
/** A shorter token occurs in scopes that do not hold it; alone, it is one all the same. */
const SHORTEST = 8;
/** What no scope looks like: long, with letters and digits in one; but a GUID may name an API. */
const LIKELY = /(?=[\w~+=-]*[a-z])(?=[\w~+=-]*\d)[\w~+=-]{20,}/gi;
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A token, as far as a server may say it back. */
interface Secrets {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** Parts of a scope as a server says them, fit to be shown: never a token that it says there. */
export function scopeWords(
  parts: readonly string[],
  { accessToken, refreshToken }: Secrets,
): string[] {
  const secrets = [accessToken, ...(refreshToken === undefined ? [] : [refreshToken])];
  const long = secrets.filter(({ length }) => length >= SHORTEST);
  return parts.map((part) =>
    secrets.includes(part)
      ? HIDDEN
      : redact(part, long).replace(LIKELY, (run) => (GUID.test(run) ? run : HIDDEN)),
  );
}
