import { BadRequestException } from '@nestjs/common';

const MAX_LENGTH = 2000;
/** RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * The parts of a scope that a request names, separated by spaces.
 *
 * @throws BadRequestException
 */
export function requestedScope(given: readonly string[]): string[] {
  const text = given.filter((one) => one !== '').join(' ');
  if (text === '') return [];
  if (text.length <= MAX_LENGTH && SCOPE.test(text)) return [...new Set(text.split(' '))];
  throw new BadRequestException('scope is no list of scopes, separated by spaces.');
}
