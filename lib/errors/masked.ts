const HIDDEN = '[redacted]';

/** No more of a text is looked at, in characters: more than is ever shown. */
const READ = 4_000;

/** What calls a secret by its name. */
const NAME = String.raw`(?:token|secret|code|password|passwd|passphrase|pin|otp|key|assertion|verifier|jwt)\w*["']?`;
/** The value behind such a name. */
const NAMED = new RegExp(
  String.raw`(\b\w*${NAME}(?:\s+(?:is|was))?\s*[=:]\s*["']?)(?!\[redacted)[^\s&,;<>"'}\]]+`,
  'gi',
);
/** The word behind such a name where it looks like a value: with a digit in it, or long. */
const SPOKEN = new RegExp(
  String.raw`(\b\w*${NAME}\s+(?:(?:is|was)\s+)?["']?)(?=\S*\d|[^\s"']{12})[^\s"'<>]+`,
  'gi',
);
/** The values of a query, whatever their names. */
const QUERY = /([?&][\w.~%[\]-]+=)[^\s&#"'<>]+/g;
/** A name and a password in an address. */
const USER = /(:\/\/)[^\s/@]+@/g;
/** Credentials of an `Authorization` header; not what people write of the scheme. */
const CREDENTIALS =
  /\b(Bearer|Basic|DPoP)\s+(?!(?:auth|authentication|authorization|tokens?|scheme|challenge|credentials|is|and|or)\b)[^\s"',;]+/gi;
/** A word that could be a secret: long, or letters and digits in one. */
const LIKELY = /(?=[\w.~+/=%-]*[a-z])(?=[\w.~+/=%-]*\d)[\w.~+/=%-]{8,}|[\w.~+/=%-]{20,}/gi;
/** A code such as `SELF_SIGNED_CERT_IN_CHAIN`, or a path or host name of ordinary words. */
const ORDINARY = /^(?:[A-Z]{2,}(?:_[A-Z]+)+|(?=.*[./])(?:[./_-]*[a-z]{1,15}\d?(?![a-z\d]))+[./]*)$/;

/** A text with everything replaced that could be a secret, by its name, its place or its look. */
export function masked(text: string): string {
  return withoutRest(text)
    .replace(USER, `$1${HIDDEN}@`)
    .replace(QUERY, `$1${HIDDEN}`)
    .replace(CREDENTIALS, `$1 ${HIDDEN}`)
    .replace(NAMED, `$1${HIDDEN}`)
    .replace(SPOKEN, `$1${HIDDEN}`)
    .replace(LIKELY, (word) => (ORDINARY.test(word) ? word : HIDDEN));
}

/** As many whole words as are looked at: half a word does not look like what it is. */
function withoutRest(text: string): string {
  if (text.length <= READ) return text;
  const start = text.slice(0, READ);
  return start.slice(0, Math.max(0, start.lastIndexOf(' ')));
}
