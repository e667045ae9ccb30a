import {
  AUTHENTICATION_METHODS,
  METHODS_WITH_SECRET,
  usesCertificate,
  type ClientAuthentication,
} from '../protocol/client-authentication.js';
import type { TransportOptions } from '../pipeline/transport.js';
import type { OAuthClientOptions } from './oauth-client.options.js';
import { OPTION_NAMES } from './option-names.js';
import { claimProblems, signerProblems } from './option-signing.js';
import { isObject, nestedProblems, type OptionProblem } from './option-values.js';

type Options = Partial<Readonly<OAuthClientOptions>>;
type Given = Readonly<Record<string, unknown>>;

/** Where a client says how it authenticates itself. */
const AUTHENTICATIONS = [
  'clientAuthentication',
  'revocationAuthentication',
  'introspectionAuthentication',
] as const;

const FROM_ENVIRONMENT = 'Check the environment variable that it comes from';
const SECRET_ALGORITHMS: readonly unknown[] = [undefined, 'HS256', 'HS384', 'HS512'];

const ASSERTION = ['audience', 'lifetimeSeconds', 'claims', 'header', 'alg'];
/** What each method uses beside its name. */
const USED: Readonly<Record<string, readonly string[]>> = {
  client_secret_basic: ['encoding'],
  client_secret_jwt: ASSERTION,
  private_key_jwt: [...ASSERTION, 'key', 'sign', 'kid'],
};

/** Mistakes in how a client authenticates itself, and in its secret. */
export function authenticationProblems(
  options: Options,
  transport: TransportOptions | undefined,
): OptionProblem[] {
  const given = AUTHENTICATIONS.filter((option) => options[option] !== undefined);
  if (given.length === 0) return secretProblems(options, undefined);
  const judged = given.map((option) => judge(option, options[option], transport));
  const problems = judged.flatMap(({ problems: ofOption }) => ofOption);
  const needing = judged.find(({ method }) => method && METHODS_WITH_SECRET.has(method));
  return [...problems, ...secretProblems(options, needing)];
}

function secretProblems(
  options: Options,
  needing: { method?: string; option: string } | undefined,
): OptionProblem[] {
  const { clientSecret } = options;
  const hasSecret =
    typeof clientSecret === 'function' || (typeof clientSecret === 'string' && clientSecret !== '');
  if (needing && !hasSecret) {
    return [
      {
        option: 'clientSecret',
        problem: `It is missing, and ${needing.method} needs one.`,
        remedy: `${FROM_ENVIRONMENT}, or choose another ${needing.option}.`,
      },
    ];
  }
  if (!('clientSecret' in options) || hasSecret) return [];
  return [
    {
      option: 'clientSecret',
      problem: clientSecret ? 'It is no text.' : 'It is there, and empty.',
      remedy: `${FROM_ENVIRONMENT}, or leave the option out for a client without a secret.`,
    },
  ];
}

function judge(
  option: string,
  authentication: unknown,
  transport: TransportOptions | undefined,
): { option: string; method?: string; problems: OptionProblem[] } {
  if (typeof authentication === 'function') return { option, problems: [] };
  const given = (isObject(authentication) ? authentication : {}) as Given;
  const method = AUTHENTICATION_METHODS.find((one) => one === given['method']);
  if (method === undefined) {
    const remedy = `Write { method: … } with one of ${AUTHENTICATION_METHODS.join(', ')}.`;
    return { option, problems: [{ option, problem: 'There is no such method.', remedy }] };
  }
  const problems = [
    ...nestedProblems(option, authentication, OPTION_NAMES.clientAuthentication),
    ...unusedProblems(option, method, given),
    ...claimProblems(option, given),
  ];
  const { encoding, alg } = given;
  if (encoding !== undefined && encoding !== 'form' && encoding !== 'raw') {
    const problem = 'There is no such encoding.';
    problems.push({ option: `${option}.encoding`, problem, remedy: "Use 'form' or 'raw'." });
  }
  if (method === 'client_secret_jwt' && !SECRET_ALGORITHMS.includes(alg)) {
    const remedy = "Use 'HS256', 'HS384' or 'HS512'.";
    problems.push({ option: `${option}.alg`, problem: 'It is none for a secret.', remedy });
  }
  if (method === 'private_key_jwt') problems.push(...signerProblems(option, given));
  if (usesCertificate(authentication as ClientAuthentication)) {
    problems.push(...certificateProblems(option, transport));
  }
  return { option, method, problems };
}

/** Options that exist, and that another method than this one uses. */
function unusedProblems(option: string, method: string, given: Given): OptionProblem[] {
  const used = ['method', ...(USED[method] ?? [])];
  return Object.keys(given)
    .filter((name) => given[name] !== undefined && !used.includes(name))
    .filter((name) => OPTION_NAMES.clientAuthentication.includes(name))
    .map((name) => ({
      option: `${option}.${name}`,
      problem: `${method} does not use it.`,
      remedy: 'Leave it out, or choose the method that it is for.',
    }));
}

function certificateProblems(
  option: string,
  transport: TransportOptions | undefined,
): OptionProblem[] {
  const { cert, key, httpsAgent } = transport ?? {};
  if (httpsAgent || (cert !== undefined && key !== undefined)) return [];
  const problem = 'It needs a certificate, and transport has none.';
  return [{ option, problem, remedy: 'Set transport.cert and transport.key.' }];
}
