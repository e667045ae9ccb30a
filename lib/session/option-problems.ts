import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import { AUTHENTICATION_METHODS, METHODS_WITH_SECRET } from '../protocol/client-authentication.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { addressProblems, originProblems } from './option-addresses.js';
import { OPTION_NAMES } from './option-names.js';
import {
  agentProblems,
  defaultsProblems,
  isObject,
  nestedProblems,
  unknownProblems,
  type OptionProblem,
} from './option-values.js';

type Options = Partial<Readonly<OAuthClientOptions>>;

const GRANTS: readonly string[] = ['authorization_code', 'client_credentials'];
const FROM_ENVIRONMENT = 'Check the environment variable that it comes from';

/** Every mistake in one client's options, and in how they go with the module's defaults. */
export function optionProblems(
  client: string,
  options: unknown,
  defaults: OAuthClientDefaults = {},
): ConfigurationProblem[] {
  if (!isObject(options)) {
    return [{ client, option: 'clients', problem: 'It has no options.', remedy: 'Give it some.' }];
  }
  const given = options as Options;
  const transport = given.transport && { ...defaults.transport, ...given.transport };
  return [
    ...unknownProblems('', given, OPTION_NAMES.client),
    ...identityProblems(given),
    ...addressProblems(given),
    ...originProblems(given),
    ...valueProblems(given),
    ...defaultsProblems(given),
    ...agentProblems(transport),
  ].map((problem) => ({ client, ...problem }));
}

function identityProblems(options: Options): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const { clientId, clientSecret, grant } = options;
  if (typeof clientId !== 'string' || clientId === '') {
    const remedy = `${FROM_ENVIRONMENT}, or set it.`;
    problems.push({ option: 'clientId', problem: 'It is missing.', remedy });
  }
  const { method, problems: ofMethod } = authenticationMethod(options.clientAuthentication);
  problems.push(...ofMethod);
  const hasSecret =
    typeof clientSecret === 'function' || (typeof clientSecret === 'string' && clientSecret !== '');
  if (method !== undefined && METHODS_WITH_SECRET.has(method) && !hasSecret) {
    problems.push({
      option: 'clientSecret',
      problem: `It is missing, and ${method} needs one.`,
      remedy: `${FROM_ENVIRONMENT}, or choose another clientAuthentication.`,
    });
  } else if ('clientSecret' in options && !hasSecret) {
    problems.push({
      option: 'clientSecret',
      problem: clientSecret ? 'It is no text.' : 'It is there, and empty.',
      remedy: `${FROM_ENVIRONMENT}, or leave the option out for a client without a secret.`,
    });
  }
  if (grant !== undefined && !GRANTS.includes(grant)) {
    const remedy = `Use one of ${GRANTS.join(', ')}.`;
    problems.push({ option: 'grant', problem: 'There is no such grant.', remedy });
  }
  return problems;
}

function authenticationMethod(authentication: unknown): {
  method?: string;
  problems: OptionProblem[];
} {
  const option = 'clientAuthentication';
  if (authentication === undefined) return { problems: [] };
  const { method, encoding } = (isObject(authentication) ? authentication : {}) as {
    method?: unknown;
    encoding?: unknown;
  };
  const known = AUTHENTICATION_METHODS.find((one) => one === method);
  if (known === undefined) {
    const remedy = `Write { method: … } with one of ${AUTHENTICATION_METHODS.join(', ')}.`;
    return { problems: [{ option, problem: 'There is no such method.', remedy }] };
  }
  const problems = nestedProblems(option, authentication, OPTION_NAMES.clientAuthentication);
  if (encoding !== undefined && encoding !== 'form' && encoding !== 'raw') {
    const remedy = "Use 'form' or 'raw'.";
    const problem = 'There is no such encoding.';
    problems.push({ option: `${option}.encoding`, problem, remedy });
  }
  return { method: known, problems };
}

function valueProblems(options: Options): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const { pkce, shared, grant, state } = options;
  for (const option of ['scope', 'deadGrantErrors'] as const) {
    const list: unknown = options[option];
    if (list === undefined) continue;
    if (Array.isArray(list) && list.every((part) => typeof part === 'string')) continue;
    const remedy = `Write it as a list of texts, as ['one', 'other'].`;
    problems.push({ option, problem: 'It is no list.', remedy });
  }
  // The text 'false' of an environment variable would count as true.
  for (const option of ['shared', 'allowInsecureHttp'] as const) {
    if (options[option] === undefined || typeof options[option] === 'boolean') continue;
    const remedy = 'Use true or false; make text from the environment one of them.';
    problems.push({ option, problem: 'It is neither true nor false.', remedy });
  }
  for (const option of ['authorizationParams', 'tokenParams', 'refreshParams'] as const) {
    if (options[option] === undefined || isObject(options[option])) continue;
    const remedy = "Write { name: 'value' }.";
    problems.push({ option, problem: 'It is no object.', remedy });
  }
  if (state !== undefined && typeof state !== 'function') {
    const remedy = 'Give a function that makes a new state each time, or leave it out.';
    problems.push({ option: 'state', problem: 'It is no function.', remedy });
  }
  if (pkce !== undefined && !['S256', 'plain', false].includes(pkce)) {
    const remedy = "Use 'S256', 'plain' or false.";
    problems.push({ option: 'pkce', problem: 'There is no such method.', remedy });
  }
  if (shared === true && grant === 'client_credentials') {
    const remedy = 'Leave it out: the grant is the whole application’s anyway.';
    problems.push({ option: 'shared', problem: 'A machine grant has no user.', remedy });
  }
  return problems;
}
