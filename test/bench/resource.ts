/** What every contender asks for. */
export const PATH = '/resource';

/** A token that never ends, for calls that are about nothing else: bare axios sends it as a fixed header. */
export const TOKEN = 'bench-'.padEnd(64, 'x');

/** The header that carries it. */
export const AUTHORIZATION = `Bearer ${TOKEN}`;

/** The answer: about 1 KB of JSON. */
export const BODY = JSON.stringify({ id: 1, name: 'resource', text: 'x'.repeat(980) });

/** How long the token endpoint takes, in milliseconds. */
export const TOKEN_DELAY_MS = 50;
