import { BadRequestException } from '@nestjs/common';
import { parseUrl } from '../../protocol/url.js';

const MAX_LENGTH = 1024;
/** Any origin that no address in the field has. */
const HERE = 'http://here.invalid';

/**
 * Where inside this application to go on, as a path that a browser reads as nothing else, ready for
 * a header. What leads elsewhere by whichever way of writing it is a bad request.
 *
 * @throws BadRequestException
 */
export function localPath(given: string): string {
  const isPath = given.length <= MAX_LENGTH && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(given);
  const url = isPath ? parseUrl(given, HERE) : undefined;
  if (url?.origin !== HERE || url.username !== '' || url.password !== '') throw elsewhere();
  // What was `/a/..//host` is `//host` by now: the address of another site.
  const path = url.pathname;
  if (path.startsWith('//') || /^(\/|%2f|%5c){2}/i.test(path)) throw elsewhere();
  return `${path}${url.search}${url.hash}`;
}

function elsewhere(): BadRequestException {
  return new BadRequestException('returnTo is not a path of this application.');
}
