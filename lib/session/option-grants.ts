import { USER_GRANTS } from './grant.resolver.js';
import { claimProblems, signerProblems } from './option-signing.js';
import { OPTION_NAMES } from './option-names.js';
import { isObject, paramsProblems, unknownProblems, type OptionProblem } from './option-values.js';

const GRANTS: readonly string[] = [...USER_GRANTS, 'client_credentials'];

/** Whether the grant is one that needs no user. */
export function isMachineGrant(grant: unknown): boolean {
  return grant === 'client_credentials' || isObject(grant);
}

/** Mistakes in the grant. */
export function grantProblems(grant: unknown): OptionProblem[] {
  const option = 'grant';
  if (grant === undefined) return [];
  if (!isObject(grant)) {
    if (typeof grant === 'string' && GRANTS.includes(grant)) return [];
    const remedy = `Use one of ${GRANTS.join(', ')}, or { type: 'urn:…', params: { … } }.`;
    return [{ option, problem: 'There is no such grant.', remedy }];
  }
  const { type, params } = grant as { type?: unknown; params?: unknown };
  if (typeof type !== 'string' || type === '') {
    const remedy = "Write { type: 'urn:…', … }; type is what is sent as grant_type.";
    return [{ option: `${option}.type`, problem: 'It is missing.', remedy }];
  }
  if (USER_GRANTS.includes(type)) {
    const remedy = `Write grant: '${type}'.`;
    return [{ option: `${option}.type`, problem: 'It is a grant of a user.', remedy }];
  }
  if (typeof params === 'function') return [];
  if (type === 'jwt_bearer') return assertionProblems(option, grant as Record<string, unknown>);
  return [
    ...unknownProblems(`${option}.`, grant, ['type', 'params']),
    ...paramsProblems(`${option}.params`, params),
  ];
}

function assertionProblems(option: string, grant: Record<string, unknown>): OptionProblem[] {
  const problems = [
    ...unknownProblems(`${option}.`, grant, OPTION_NAMES.jwtBearer),
    ...claimProblems(option, grant),
  ];
  const { keyFile, scopeIn } = grant;
  if (scopeIn !== undefined && scopeIn !== 'parameter' && scopeIn !== 'claim') {
    const remedy = "Use 'parameter' or 'claim'.";
    problems.push({ option: `${option}.scopeIn`, problem: 'There is no such place.', remedy });
  }
  if (keyFile === undefined) return [...problems, ...signerProblems(option, grant)];
  const { client_email: email, private_key: key } = (keyFile ?? {}) as Record<string, unknown>;
  if (typeof email !== 'string' || typeof key !== 'string') {
    const remedy = 'Give the parsed JSON of the key file: client_email, private_key, …';
    return [...problems, { option: `${option}.keyFile`, problem: 'It is no key file.', remedy }];
  }
  return [...problems, ...signerProblems(`${option}.keyFile`, { key, ...ownSigner(grant) })];
}

/** What the options set themselves, which wins over the key file. */
function ownSigner({ key, sign, alg }: Record<string, unknown>): Record<string, unknown> {
  if (sign !== undefined) return { sign, alg, key };
  return { ...(key !== undefined && { key }), alg };
}
