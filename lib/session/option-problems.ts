import type { ConfigurationProblem } from '../errors/configuration.errors.js';
import type { TransportOptions } from '../pipeline/transport.js';
import type { OAuthClientDefaults, OAuthClientOptions } from './oauth-client.options.js';
import { addressProblems, originProblems } from './option-addresses.js';
import { authenticationProblems } from './option-authentication.js';
import { grantProblems, isMachineGrant } from './option-grants.js';
import { OPTION_NAMES } from './option-names.js';
import {
  defaultsProblems,
  isObject,
  paramsProblems,
  scopePartProblems,
  unknownProblems,
  type OptionProblem,
} from './option-values.js';
import { pairProblems, transportProblems } from './option-transport.js';

type Options = Partial<Readonly<OAuthClientOptions>>;

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
  const transport = { ...defaults.transport, ...given.transport };
  const problems = [
    unknownProblems('', given, OPTION_NAMES.client),
    identityProblems(given, transport),
    addressProblems(given),
    originProblems(given),
    valueProblems(given),
    choiceProblems(given),
    defaultsProblems(given),
    transportProblems(given.transport),
    given.transport ? pairProblems(transport) : [],
  ];
  return problems.flat().map((problem) => ({ client, ...problem }));
}

function identityProblems(
  options: Options,
  transport: TransportOptions | undefined,
): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const { clientId, grant } = options;
  if (typeof clientId !== 'string' || clientId === '') {
    const remedy = `${FROM_ENVIRONMENT}, or set it.`;
    problems.push({ option: 'clientId', problem: 'It is missing.', remedy });
  }
  problems.push(...authenticationProblems(options, transport), ...grantProblems(grant));
  return problems;
}

/** What is judged here; most of thousands of clients have none of it. */
const VALUES = [
  ...['pkce', 'shared', 'state', 'scope', 'scopeSeparator', 'deadGrantErrors', 'responseType'],
  ...['revocableTokens', 'allowInsecureHttp'],
  ...['authorizationParams', 'tokenParams', 'refreshParams'],
] as readonly (keyof Options)[];

function valueProblems(options: Options): OptionProblem[] {
  const problems: OptionProblem[] = [];
  if (VALUES.every((option) => options[option] === undefined)) return problems;
  const { pkce, shared, grant, state, scope, scopeSeparator } = options;
  problems.push(...scopeProblems(scope, scopeSeparator));
  for (const option of ['scope', 'deadGrantErrors'] as const) {
    const list: unknown = options[option];
    if (list === undefined) continue;
    if (Array.isArray(list) && Array.from(list).every((part) => typeof part === 'string')) continue;
    const remedy = `Write it as a list of texts, as ['one', 'other'].`;
    problems.push({ option, problem: 'It is no list.', remedy });
  }
  const { responseType, issuer, metadataUrl }: Options = options;
  if (responseType !== undefined && !['code', 'code id_token'].includes(responseType)) {
    const remedy = "Use 'code' or 'code id_token'.";
    problems.push({ option: 'responseType', problem: 'There is no such response type.', remedy });
  } else if (responseType === 'code id_token') {
    const canVerify = scope?.includes('openid') === true && (issuer ?? metadataUrl) !== undefined;
    const problem = 'An ID token needs the scope openid, and an issuer to be judged by.';
    const remedy = "Add 'openid' to scope, and set issuer.";
    if (!canVerify) problems.push({ option: 'responseType', problem, remedy });
  }
  const { revocableTokens: types }: { revocableTokens?: unknown } = options;
  const isType = (type: unknown) => type === 'access_token' || type === 'refresh_token';
  if (types !== undefined && !(Array.isArray(types) && types.length > 0 && types.every(isType))) {
    const remedy = "Name 'access_token', 'refresh_token', or leave it out for both.";
    problems.push({ option: 'revocableTokens', problem: 'It lists no types of tokens.', remedy });
  }
  // The text 'false' of an environment variable would count as true.
  for (const option of ['shared', 'allowInsecureHttp'] as const) {
    if (options[option] === undefined || typeof options[option] === 'boolean') continue;
    const remedy = 'Use true or false; make text from the environment one of them.';
    problems.push({ option, problem: 'It is neither true nor false.', remedy });
  }
  for (const option of ['authorizationParams', 'tokenParams', 'refreshParams'] as const) {
    problems.push(...paramsProblems(option, options[option]));
  }
  if (state !== undefined && typeof state !== 'function') {
    const remedy = 'Give a function that makes a new state each time, or leave it out.';
    problems.push({ option: 'state', problem: 'It is no function.', remedy });
  }
  if (pkce !== undefined && !['S256', 'plain', false].includes(pkce)) {
    const remedy = "Use 'S256', 'plain' or false.";
    problems.push({ option: 'pkce', problem: 'There is no such method.', remedy });
  }
  if (shared === true && isMachineGrant(grant)) {
    const remedy = 'Leave it out: the grant is the whole application’s anyway.';
    problems.push({ option: 'shared', problem: 'A machine grant has no user.', remedy });
  }
  return problems;
}

/** A part of a scope that holds the separator would be two on the wire. RFC 6749, section 3.3. */
function scopeProblems(scope: unknown, separator: unknown = ' '): OptionProblem[] {
  if (typeof separator !== 'string' || separator === '') {
    const remedy = "Use the text that the provider wants, such as ',', or leave it out.";
    return [{ option: 'scopeSeparator', problem: 'It is no such text.', remedy }];
  }
  return scopePartProblems('scope', scope, separator);
}

const CHOICES = [
  ['tokenPlacement', ['header', 'body', 'query']],
  ['scopePolicy', ['ignore', 'warn', 'missing', 'strict']],
] as const;

function choiceProblems(options: Options): OptionProblem[] {
  const problems: OptionProblem[] = [];
  for (const [option, choices] of CHOICES) {
    const value = options[option];
    if (value === undefined || (choices as readonly string[]).includes(value)) continue;
    const remedy = `Use one of ${choices.join(', ')}.`;
    problems.push({ option, problem: 'There is no such choice.', remedy });
  }
  const { defaultExpiresInSeconds: seconds, provider, fixes } = options;
  if (seconds !== undefined && !(Number.isFinite(seconds) && seconds > 0)) {
    const remedy = 'Use a number of seconds above 0, or leave it out.';
    problems.push({ option: 'defaultExpiresInSeconds', problem: 'It is no such number.', remedy });
  }
  if (provider !== undefined && (typeof provider !== 'string' || provider === '')) {
    const remedy = "Name it as @ComplianceFix() does, such as 'slack', or leave it out.";
    problems.push({ option: 'provider', problem: 'It is no name.', remedy });
  }
  const isList =
    Array.isArray(fixes) && Array.from(fixes).every((type) => typeof type === 'function');
  if (fixes !== undefined && !isList) {
    const remedy = 'Write the classes, not instances: [SlackFix].';
    problems.push({ option: 'fixes', problem: 'It is no list of classes.', remedy });
  }
  return problems;
}
