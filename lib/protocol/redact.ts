/** Parameters of a token request whose values are secrets. */
const SECRET_PARAMETERS: readonly string[] = [
  'refresh_token',
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'assertion',
  'password',
  'token',
];

/** The secrets that a form carries, for a server may say them back. */
export function secretsOf(form: URLSearchParams): string[] {
  return SECRET_PARAMETERS.flatMap((name) => form.getAll(name)).filter((value) => value !== '');
}

/** A text in which these secrets, as they are or URL-encoded, are replaced. */
export function redact<T extends string | undefined>(text: T, secrets: readonly string[]): T {
  if (text === undefined) return text;
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return forms.reduce<string>((rest, form) => rest.replaceAll(form, '[redacted]'), text) as T;
}
