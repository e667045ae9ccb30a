import fc from 'fast-check';
import { headerText } from './properties.js';

/** The tokens of a good answer. */
export const ANSWERED = { access_token: 'new-access-3Wd8Kf', refresh_token: 'new-refresh-7GmN2v' };

/** An answer of the token endpoint. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Stands in an answer for a secret that the server was sent, and says back. */
export const SAID_BACK = 'SaidBack';
const echo = fc.string({ maxLength: 8 }).map((before) => `${before}${SAID_BACK} is no good`);

const ERRORS = ['invalid_grant', 'invalid_client', 'invalid_request', 'server_error', 'slow_down'];
const odd = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom<unknown>('', null, 0, []));
const mostly = (usual: unknown): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
const spoken = fc.oneof(fc.constantFrom(...ERRORS), fc.string({ maxLength: 20 }), echo, odd);

const good = fc.record(
  {
    access_token: mostly(ANSWERED.access_token),
    refresh_token: mostly(ANSWERED.refresh_token),
    token_type: fc.oneof(fc.constantFrom<unknown>('Bearer', 'bearer', 'mac', 'DPoP'), odd),
    expires_in: mostly(3600),
    scope: mostly('read write'),
    id_token: mostly('a.b.c'),
    extra: odd,
  },
  { requiredKeys: ['access_token'] },
);
const bad = fc.record(
  {
    error: spoken,
    error_description: spoken,
    error_uri: spoken,
    access_token: fc.constant(ANSWERED.access_token),
  },
  { requiredKeys: ['error'] },
);
const fields: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  good as fc.Arbitrary<Record<string, unknown>>,
  bad as fc.Arbitrary<Record<string, unknown>>,
);

const PROTO = '{"__proto__":{"x":1},"constructor":{},"access_token":"a","toString":"b"}';

const text = fc.oneof(
  { weight: 3, arbitrary: fields.map((one) => JSON.stringify(one)) },
  { weight: 3, arbitrary: fields.map(asForm) },
  { weight: 1, arbitrary: fields.map((one) => JSON.stringify([one])) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', '{', '{}', 'null', '<html>', '\uFEFF{}', '=', PROTO),
  },
);
/** A text as it is, cut somewhere, or with something before and after it. */
const damaged = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.tuple(text, fc.nat(80)).map(([all, at]) => all.slice(0, at)) },
  { weight: 1, arbitrary: fc.tuple(text, text).map((both) => both.join('\n')) },
);
const body: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 9, arbitrary: damaged },
  { weight: 4, arbitrary: fc.constant(JSON.stringify({ ...ANSWERED, expires_in: 3600 })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/html; charset=x',
  ';',
];
const headers = fc.record(
  {
    'content-type': fc.oneof(fc.constantFrom(...TYPES), headerText()),
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'unknown'),
    'retry-after': fc.oneof(
      fc.constantFrom('9', 'x', '-1', '1e9', 'Fri, 31 Dec 1999'),
      headerText(),
    ),
    'www-authenticate': headerText(),
    location: headerText(),
    etag: headerText(),
  },
  { requiredKeys: [] },
);
const status = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(200, 200, 201, 400, 401, 429, 500, 503) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);
export const answer: fc.Arbitrary<Answer> = fc.record({
  status,
  headers: fc.oneof(fc.constant({}), headers),
  body,
});

function asForm(given: Record<string, unknown>): string {
  const entries = Object.entries(given).map(([name, value]) => {
    const said = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return [name, said] satisfies [string, string];
  });
  return String(new URLSearchParams(entries));
}
