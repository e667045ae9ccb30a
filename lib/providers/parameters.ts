import { ConfigurationError } from '../index.js';

/*
 * What a preset is told often comes with a request, and the client secret goes to the host that it
 * names. Each function returns the value where it is what it has to be; `parameter` is written as it
 * is used, such as `okta({ domain })`.
 */

const LABEL = /^[a-z\d][a-z\d-]*$/i;
const HOST = /^[a-z\d][a-z\d-]*(?:\.[a-z\d][a-z\d-]*)+$/i;
const NO_SEGMENT = /^\.{0,2}$|[/\\?#\p{Cc}\p{Cs}]/u;
const ADDRESS = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(?:\/[^?#\\\s]*)?$/i;

/** A text of a given form. */
export function textOf(parameter: string, value: unknown, form: RegExp, example: string): string {
  if (typeof value === 'string' && form.test(value)) return value;
  throw new ConfigurationError({
    problem: `The parameter of ${parameter} cannot be part of an address as it is.`,
    remedy: `Pass a value such as ${example}.`,
  });
}

/** A host name, without a scheme, a port or a path. */
export function hostOf(parameter: string, value: unknown, example: string): string {
  return textOf(parameter, value, HOST, example);
}

/** One label of a host name. */
export function labelOf(parameter: string, value: unknown, example: string): string {
  return textOf(parameter, value, LABEL, example);
}

/** One segment of a path, encoded. */
export function segmentOf(parameter: string, value: unknown, example: string): string {
  const isSegment = typeof value === 'string' && !NO_SEGMENT.test(value);
  return encodeURIComponent(textOf(parameter, isSegment ? value : undefined, /^/, example));
}

/** An origin, with a path where there is one, and without slashes at its end. */
export function originOf(parameter: string, value: unknown, example: string): string {
  return textOf(parameter, value, ADDRESS, example).replace(/\/+$/, '');
}
