import { ConfigurationError, type ConfigurationProblem } from '../errors/configuration.errors.js';
import { probablyMeant } from './option-names.js';

/** What is said of a name that the application does not configure. */
export function unknownClient(
  name: string,
  known: readonly string[],
): { problem: string; remedy: string } {
  const meant = probablyMeant(name, known);
  const question = meant === undefined ? '' : `Did you mean "${meant}"? `;
  return {
    problem: 'No client is configured under this name.',
    remedy: `${question}Configured are: ${known.join(', ') || 'none'}.`,
  };
}

/** The error for a second client of a name. */
export function nameTaken(client: string): ConfigurationError {
  return new ConfigurationError({
    client,
    problem: 'A client of this name is configured already.',
    remedy: 'Choose another name, or unregister it first.',
  });
}

/** The error for a client that is registered without a name. */
export function noName(): ConfigurationError {
  return new ConfigurationError({
    problem: 'register() was given no name.',
    remedy: 'Pass a text that is not empty; look why it is missing.',
  });
}

const MAX_NAME = 200;

/** A name that may come from outside; throws for what cannot be one, before anybody is asked. */
export function demandName(name: unknown): string {
  const isName = typeof name === 'string' && name !== '' && name.length <= MAX_NAME;
  if (isName && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u.test(name)) return name;
  throw new ConfigurationError({
    problem: 'resolve() was given what cannot be the name of a client.',
    remedy: `Pass a text of 1 to ${MAX_NAME} characters, without control characters.`,
  });
}

/** What is wrong where two modules configure a client of the same name. */
export function configuredTwice(name: string): ConfigurationProblem {
  return {
    client: name,
    option: 'clients',
    problem: 'It is configured more than once.',
    remedy: "Configure it in one place, and name it with forFeature(['…']) elsewhere.",
  };
}
