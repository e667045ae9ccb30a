import { externalText } from './external-text.js';
import { masked } from './masked.js';

/**
 * What is left of a foreign error once everything that could hold a secret is gone: its name, code
 * and message, in which what could be a secret is replaced, and where in the code it was thrown.
 * Errors of HTTP clients, drivers and protocol libraries carry requests, headers, command arguments
 * and response bodies, so they never become a `cause` as they are.
 */
export class SafeCause extends Error {
  /** The foreign error's own code, such as `ECONNREFUSED`. */
  readonly code?: string;

  constructor(name: string, message: string, code: string | undefined, frames?: string) {
    super(message);
    Object.defineProperty(this, 'name', { value: name, configurable: true });
    if (frames) this.stack = `${name}: ${message}\n${frames}`;
    if (code !== undefined) this.code = code;
  }
}

/** Reduces a foreign error to a {@link SafeCause}. Errors of our own hierarchy pass unchanged. */
export function safeCause(error: unknown): Error {
  if (error instanceof SafeCause || isOwnError(error)) return error;
  if (!(error instanceof Error)) return new SafeCause('NonError', typeof error, undefined);
  const code = (error as { code?: unknown }).code;
  return new SafeCause(
    externalText(error.name) ?? 'Error',
    externalText(masked(error.message)) ?? 'no message',
    typeof code === 'string' ? externalText(code) : undefined,
    framesOf(error),
  );
}

const FRAME = /^ {4}at [^\n]{1,300}:\d+:\d+\)?$/;
const MOST_FRAMES = 10;

/** Where an error was thrown: places in the code alone, whatever its message looks like. */
function framesOf({ stack, message }: Error): string {
  if (typeof stack !== 'string' || typeof message !== 'string') return '';
  const after = stack.slice(stack.indexOf(message) + message.length).split('\n');
  const frames = after.filter((line) => FRAME.test(line));
  return frames.slice(0, MOST_FRAMES).join('\n');
}

function isOwnError(error: unknown): error is Error {
  return error instanceof Error && OWN_ERROR in error;
}

/** Marks the errors of this library's hierarchy; they are built not to hold secrets. */
export const OWN_ERROR = Symbol.for('nestjs-oauth-client.error');
