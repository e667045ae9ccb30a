import type { TokenEndpointRequest } from './http-message.js';

const HIDDEN = '[redacted]';
/** A shorter secret occurs in texts that do not hold it, and is not to be replaced there. */
const SHORTEST = 4;
/** As above in an error code, by which grants are judged dead or alive. */
const SHORTEST_IN_CODE = 8;

/** Parameters and headers whose values are no secrets. */
const HARMLESS: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'resource',
  'audience',
  'client_id',
  'redirect_uri',
  'token_type_hint',
  'client_assertion_type',
  'subject_token_type',
  'actor_token_type',
  'requested_token_type',
  'code_challenge_method',
  'access_type',
  'accept',
  'content-type',
  'user-agent',
]);
/** Names whose values are secrets however short they are. */
const TELLING = /token|secret|code|password|assertion|verifier|pin|otp|authorization/i;

/** Error codes of RFC 6749, 7009 and 8628, which many a secret is a part of. */
const KNOWN_CODES =
  /^(?:invalid_(?:request|client|grant|scope|token|target)|unauthorized_client|unsupported_(?:grant|token|response)_type|access_denied|server_error|temporarily_unavailable|authorization_pending|slow_down|expired_token)$/;

/** The secrets that a request carries, for a server may say them back. */
export function secretsOf(
  form: URLSearchParams,
  headers: Iterable<[string, string]> = [],
): string[] {
  return [...form, ...headers]
    .filter(([name, { length }]) => length >= (TELLING.test(name) ? 1 : SHORTEST))
    .filter(([name]) => !HARMLESS.has(name.toLowerCase()))
    .flatMap(([name, value]) => (name === 'authorization' ? credentials(value) : [value]));
}

/** The secrets of a request as hooks have left it. */
export function secretsIn({ body, headers }: TokenEndpointRequest): string[] {
  return secretsOf(new URLSearchParams(body), headers);
}

/**
 * A text in which these secrets are replaced, as they are or as addresses, forms, JSON and HTML
 * encode them; of one that is too short for that, nothing of a text is left that holds it.
 */
export function redact<T extends string | undefined>(text: T, secrets: readonly string[]): T {
  if (text === undefined) return text;
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const long = forms.filter(({ length }) => length >= SHORTEST);
  const pattern = new RegExp(long.map(literal).join('|') || '(?!)', 'g');
  const rest = text.split(pattern);
  const short = forms.filter(({ length }) => length < SHORTEST);
  const isHeld = rest.some((part) => short.some((form) => part.includes(form)));
  return (isHeld ? HIDDEN : rest.join(HIDDEN)) as T;
}

/** An error code without these secrets; what standards know says nothing of them. */
export function redactCode<T extends string | undefined>(code: T, secrets: readonly string[]): T {
  if (code === undefined || KNOWN_CODES.test(code)) return code;
  return redact(
    code,
    secrets.filter((secret) => secret.length >= SHORTEST_IN_CODE || secret === code),
  );
}

/** What an `Authorization` header gives away: itself, its credentials, and what they encode. */
function credentials(header: string): string[] {
  const [, scheme, value] = /^(\S+)\s+(.+)$/.exec(header) ?? [];
  if (value === undefined) return [header];
  if (scheme?.toLowerCase() !== 'basic') return [header, value];
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const password = pair.slice(pair.indexOf(':') + 1);
  const decoded = new URLSearchParams(`p=${password.replaceAll('&', '%26')}`).get('p') ?? '';
  return [header, value, pair, password, decoded].filter((part) => part !== '');
}

/** A secret as a server may say it. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = html.replaceAll('"', '&quot;');
  const encoded = [
    encodeURIComponent(Buffer.from(secret).toString()),
    new URLSearchParams({ '': secret }).toString().slice(1),
  ];
  return [
    secret,
    ...encoded,
    ...encoded.map((form) => form.replace(/%../g, (octet) => octet.toLowerCase())),
    json,
    json.replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
    html,
    quoted,
    quoted.replaceAll("'", '&#39;'),
    quoted.replaceAll("'", '&#x27;'),
    quoted.replaceAll("'", '&#039;'),
  ];
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
