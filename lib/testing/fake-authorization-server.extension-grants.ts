import type { FakeServerContext } from './fake-authorization-server.context.js';
import {
  grantedScope,
  GRANTS,
  type Grant,
  type GrantDecision,
  type GrantRequest,
} from './fake-authorization-server.grants.js';
import {
  FakeProtocolError,
  parameter,
  requiredParameter,
  scopeList,
} from './fake-authorization-server.http.js';
import { decodeJwt } from './fake-authorization-server.jwt.js';

/** What an extension grant of a test's own comes to: tokens, or an error of RFC 6749 section 5.2. */
export type FakeExtensionAnswer =
  | {
      /** Whom the tokens are for. */
      subject: string;
      /** The granted scope. Default: what was asked for. */
      scope?: string | readonly string[];
      /** Default false. */
      refreshToken?: boolean;
      /** Further fields of the response. */
      fields?: Readonly<Record<string, unknown>>;
    }
  | {
      /** The error code. */
      error: string;
      /** Its description. */
      errorDescription?: string;
    };

/** An extension grant of a test's own (RFC 6749 section 4.5): decides by the request's parameters. */
export type FakeExtensionGrant = (parameters: URLSearchParams) => FakeExtensionAnswer;

/** RFC 8693. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';

/** The grant of a `grant_type`: one of the test's own wins. */
export function grantOf(type: string, { options }: FakeServerContext): Grant | undefined {
  const own = options.extensionGrants;
  if (own && Object.hasOwn(own, type)) {
    return {
      client: 'required',
      decide: (request, server) => extension(own[type]!, request, server),
    };
  }
  if (type === TOKEN_EXCHANGE) return { client: 'required', decide: tokenExchange };
  return Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
}

/** The grants that the server knows, for its metadata. */
export function grantTypes({ options }: FakeServerContext): string[] {
  return [...Object.keys(GRANTS), TOKEN_EXCHANGE, ...Object.keys(options.extensionGrants ?? {})];
}

function extension(
  grant: FakeExtensionGrant,
  { form, client }: GrantRequest,
  server: FakeServerContext,
): GrantDecision {
  const answer = grant(form);
  if ('error' in answer) throw new FakeProtocolError(answer.error, answer.errorDescription ?? '');
  const { subject, refreshToken: refresh = false, fields } = answer;
  const asked = scopeList(answer.scope ?? form.get('scope'));
  const scope = grantedScope(client, asked);
  const resource = form.getAll('resource');
  const owner = client?.clientId ?? '';
  const family = server.tokens.openFamily({ client: owner, subject, scope, resource });
  return { family, scope, refresh, ...(fields && { fields }) };
}

/** RFC 8693 section 2: a live access token of this server, or any JWT, for a token of one's own. */
function tokenExchange(request: GrantRequest, server: FakeServerContext): GrantDecision {
  const { form } = request;
  const subjectToken = requiredParameter(form, 'subject_token');
  const type = requiredParameter(form, 'subject_token_type');
  const wanted = parameter(form, 'requested_token_type');
  if (wanted !== undefined && wanted !== `${TOKEN_TYPE}access_token`) {
    throw new FakeProtocolError('invalid_request', 'Only access tokens are to be had');
  }
  const decide = (): FakeExtensionAnswer => ({
    subject: subjectOf(subjectToken, type, server),
    fields: { issued_token_type: `${TOKEN_TYPE}access_token` },
  });
  return extension(decide, request, server);
}

function subjectOf(token: string, type: string, server: FakeServerContext): string {
  if (type === `${TOKEN_TYPE}access_token`) {
    const known = server.tokens.access(token);
    if (known && server.tokens.isLiveAccess(known)) return known.family.subject;
    throw new FakeProtocolError('invalid_request', 'The subject_token is not a live access token');
  }
  if (type !== `${TOKEN_TYPE}jwt` && type !== `${TOKEN_TYPE}id_token`) {
    throw new FakeProtocolError('invalid_request', 'The subject_token_type is not known');
  }
  const { sub } = decodeJwt(token, 'invalid_request').claims;
  if (typeof sub === 'string') return sub;
  throw new FakeProtocolError('invalid_request', 'The subject_token has no sub');
}
