import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
} from '../errors/authorization.errors.js';
import { DiscoveryError, TokenEndpointError } from '../errors/endpoint.errors.js';
import type { OAuthClientError, OAuthClientErrorCode } from '../errors/oauth-client.error.js';

/** What a person, or a program, is told of an error: nothing that is only the application's. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds after which it is worth another try. */
  readonly retryAfter?: number;
}

type Judgement = (error: OAuthClientError) => Problem;

const OURS: Judgement = () => ({
  status: 500,
  title: 'Something is wrong here',
  detail: 'The application could not do this. What happened was noted.',
});

const THEIRS: Judgement = () => ({
  status: 502,
  title: 'The other side did not play along',
  detail: 'The server that this needs gave an answer that is of no use. What happened was noted.',
});

const busy =
  (retryAfter: number): Judgement =>
  () => ({
    status: 503,
    title: 'Not just now',
    detail: 'This cannot be done at the moment. Try again in a little while.',
    retryAfter,
  });

/** What each kind of error is to those outside; a kind that is missing here does not compile. */
const PROBLEMS: Readonly<Record<OAuthClientErrorCode, Judgement>> = {
  authorization_required: required,
  authorization_response: refused,
  mismatching_state: () => ({
    status: 400,
    title: 'This cannot be completed',
    detail: 'It took too long, was completed before, or was begun in another browser. Begin again.',
  }),
  missing_code: () => ({
    status: 400,
    title: 'This cannot be completed',
    detail: 'The answer holds nothing to go on with. Begin again.',
  }),
  scope_mismatch: ({ client }) => ({
    status: 403,
    title: 'Other permissions are needed',
    detail: `What ${account(client)} permits is not what this needs. Connect it again.`,
  }),
  token_endpoint: unreachable,
  discovery: unreachable,
  missing_token: THEIRS,
  token_expired: THEIRS,
  unsupported_token_type: THEIRS,
  token_store: busy(5),
  lease_timeout: busy(1),
  shutting_down: busy(5),
  registration_unavailable: busy(5),
  configuration: OURS,
  insecure_transport: OURS,
  origin_not_allowed: OURS,
  reentrant_token_request: OURS,
  handler: OURS,
};

/** What is shown of an error. */
export function problemOf(error: OAuthClientError): Problem {
  return PROBLEMS[error.code](error);
}

function required(error: OAuthClientError): Problem {
  const { reason, missing, client } = error as AuthorizationRequiredError;
  const needs = missing.length > 0 ? `: ${missing.join(' ')}` : '';
  const details: Record<typeof reason, string> = {
    no_token: `This needs ${account(client)}, which is not connected.`,
    insufficient_scope: `This needs more permissions of ${account(client)}${needs}.`,
    grant_revoked: `The connection to ${account(client)} has ended.`,
    rotation_lost: `The connection to ${account(client)} has ended.`,
    not_renewable: `The connection to ${account(client)} has ended.`,
  };
  return { status: 401, title: 'Your consent is needed', detail: details[reason] };
}

const STATUS_OF_RESPONSE: Readonly<Record<string, number>> = {
  access_denied: 403,
  server_error: 502,
  temporarily_unavailable: 503,
};

/** What the server said of it is for the user; who shows it, escapes it. RFC 6749, 4.1.2.1. */
function refused(failure: OAuthClientError): Problem {
  const { error, errorDescription, client } = failure as AuthorizationResponseError;
  const said = errorDescription === undefined ? error : `${error} (${errorDescription})`;
  return {
    status: STATUS_OF_RESPONSE[error] ?? 400,
    title: error === 'access_denied' ? 'Access was denied' : 'This cannot be completed',
    detail: `The answer for ${account(client)} was: ${said}.`,
  };
}

function unreachable(error: OAuthClientError): Problem {
  const { status } = error as TokenEndpointError | DiscoveryError;
  const { retryAfter } = error as TokenEndpointError;
  const rests = retryAfter !== undefined || status === 429 || status === 503;
  return rests ? busy(Math.ceil(retryAfter ?? 5))(error) : THEIRS(error);
}

function account(client: string | undefined): string {
  return client === undefined ? 'an account' : `the account ${client}`;
}
