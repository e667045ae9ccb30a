import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { pino } from 'pino';

/** Secrets by what they are, to be searched for. */
export type Secrets = Readonly<Record<string, string>>;

/** The ways in which a value is commonly printed, each as what it is called and what it prints. */
function* printings(value: unknown): Generator<[string, string]> {
  for (const showHidden of [false, true]) {
    const options = { depth: 10, showHidden, maxStringLength: null, maxArrayLength: null };
    yield [`inspect (showHidden ${showHidden})`, inspect(value, options)];
    yield [
      `inspect of a spread (showHidden ${showHidden})`,
      inspect({ ...spread(value) }, options),
    ];
    yield [
      `inspect without customs (showHidden ${showHidden})`,
      inspect(value, { ...options, customInspect: false }),
    ];
  }
  yield ['JSON', json(value)];
  yield ['JSON of a spread', json({ ...spread(value) })];
  yield ['String', texts(value)];
  const clone = cloned(value);
  if (clone !== undefined) yield ['structuredClone', inspect(clone, { depth: 10 }) + json(clone)];
  yield ['pino', logged(value)];
}

/** Where printing a value shows a secret: as `refresh token in JSON`. Empty when nowhere. */
export function leaks(value: unknown, secrets: Secrets): string[] {
  const found: string[] = [];
  const wanted = Object.entries(secrets).map(([name, secret]) => [name, forms(secret)] as const);
  for (const [way, text] of printings(value)) {
    for (const [name, written] of wanted) {
      if (written.some((form) => text.includes(form))) found.push(`${name} in ${way}`);
    }
  }
  return found;
}

/** A secret as it is, and as it stands in URLs, headers and printed buffers. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    bytes.toString('hex').match(/../g)!.slice(0, 12).join(' '),
    bytes.toJSON().data.join(','),
  ];
}

/** One line of a PEM text: the whole of it is printed with its line ends escaped, or cut. */
export function lineOf(pem: string): string {
  return pem.split('\n')[1]!;
}

function spread(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : { value };
}

/** What JSON shows; circles are cut, as loggers do. */
function json(value: unknown): string {
  const above: unknown[] = [];
  const text = JSON.stringify(value, function (this: unknown, _key, child: unknown) {
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(child)) return '[circle]';
    above.push(child);
    return child;
  }) as string | undefined;
  return text ?? '';
}

/** `String()` and a template; an object without a prototype has no text. */
function texts(value: unknown): string {
  const isText = value == null || Object.getPrototypeOf(value) !== null;
  return isText ? `${String(value)} ${value as string}` : '';
}

function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    // Functions cannot be cloned: then nothing is shown, either.
    return undefined;
  }
}

function logged(value: unknown): string {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const { err, req, res } = pino.stdSerializers;
  const logger = pino({ serializers: { err, error: err, req, res } }, sink);
  logger.info({ value });
  logger.error(value as object);
  logger.error({ err: value, error: value });
  if (typeof value === 'object' && value !== null) logger.info({ req: value, res: value });
  return lines.join('');
}
