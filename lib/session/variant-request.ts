import { ConfigurationError } from '../errors/configuration.errors.js';
import type { ClientSettings } from '../pipeline/client-settings.js';
import type { VariantRequest } from '../pipeline/grant-binding.js';
import { scopePartProblems, unknownProblems, type OptionProblem } from './option-values.js';

const NAMES: Record<keyof VariantRequest, true> = { scope: true, resource: true, audience: true };
const KNOWN = Object.keys(NAMES) as (keyof VariantRequest)[];

/**
 * What a variant asks for beside what the client asks for anyway; `undefined` where that is
 * nothing, so that the same token is not asked for twice.
 *
 * @throws ConfigurationError for what is no such request.
 */
export function variantRequest(
  { name: client, scope: own, scopeSeparator }: ClientSettings,
  asked: VariantRequest,
): VariantRequest | undefined {
  const [mistake] = [
    ...unknownProblems('', asked, KNOWN),
    ...KNOWN.flatMap((option) => listProblems(option, asked[option])),
    ...scopePartProblems('scope', asked.scope, scopeSeparator),
  ];
  if (mistake) {
    const problem = `with() was given "${mistake.option}": ${mistake.problem}`;
    throw new ConfigurationError({ client, problem, remedy: mistake.remedy });
  }
  const lists = KNOWN.map((name) => [name, [...new Set(asked[name])]] as const);
  const kept = lists.filter(([name, list]) =>
    name === 'scope' ? asked.scope !== undefined && !isSame(list, own) : list.length > 0,
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function listProblems(option: string, list: unknown): OptionProblem[] {
  const isList = Array.isArray(list) && Array.from(list).every((part) => typeof part === 'string');
  if (list === undefined || isList) return [];
  return [{ option, problem: 'It is no list.', remedy: "Write it as ['one', 'other']." }];
}

function isSame(scope: readonly string[], own: readonly string[]): boolean {
  const theirs = new Set(own);
  return scope.length === theirs.size && scope.every((part) => theirs.has(part));
}
