/** What every contender asks for. */
export const PATH = '/resource';

/** The token that every contender sends: bare axios as a fixed header. */
export const TOKEN = 'bench-'.padEnd(64, 'x');

/** The only header that is let in. */
export const AUTHORIZATION = `Bearer ${TOKEN}`;

/** The answer: about 1 KB of JSON. */
export const BODY = JSON.stringify({ id: 1, name: 'resource', text: 'x'.repeat(980) });
