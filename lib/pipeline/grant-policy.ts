import { AuthorizationRequiredError } from '../errors/authorization.errors.js';
import { ConfigurationError } from '../errors/configuration.errors.js';
import { OAuthClientError } from '../errors/oauth-client.error.js';
import { effectiveLeeway } from '../protocol/expiry.js';
import { mistypedParams, type Params } from '../protocol/params.js';
import type { TokenRecord } from '../protocol/token-record.js';
import type { ClientParts } from './client-parts.js';
import type { ClientSettings } from './client-settings.js';
import type { GrantBinding } from './grant-binding.js';
import { ownGrantRequest, refreshRequest, type GrantRequest } from './grant-request.js';
import { waitWithin } from './patience.js';
import { FixedGrant, type GrantContext, type TokenGrant } from './token-grant.js';
import type { TokenDemand } from './renewal-run.js';

/** The request that renews this token, or the error that says that only the user can. */
export async function renewalGrant(
  { settings, reentrancy }: Pick<ClientParts, 'settings' | 'reentrancy'>,
  binding: GrantBinding,
  record: TokenRecord | undefined,
  demand: TokenDemand,
  context: () => Promise<Omit<GrantContext, 'client' | 'clientId' | 'subject' | 'scope'>>,
): Promise<GrantRequest> {
  const { ownGrant } = settings;
  if (ownGrant) {
    const about: GrantContext = {
      ...(await context()),
      client: settings.name,
      clientId: settings.clientId,
      subject: binding.subject,
      scope: binding.variant?.scope ?? settings.scope,
    };
    const made = () => ownParams(settings, ownGrant, about);
    const params = await (ownGrant instanceof FixedGrant
      ? made()
      : reentrancy.within(binding, made));
    return ownGrantRequest(settings, ownGrant, params, binding.variant, demand.options);
  }
  if (record?.refreshToken !== undefined) {
    return refreshRequest(settings, record.refreshToken, binding.variant, demand.options);
  }
  throw new AuthorizationRequiredError({
    client: binding.client,
    subject: binding.subject,
    scope: binding.variant?.scope ?? settings.scope,
    grant: settings.grant,
    ...(record === undefined
      ? { reason: 'no_token' as const, problem: 'There is no token for this subject.' }
      : { reason: 'not_renewable' as const, problem: problemOf(demand) }),
  });
}

/** A grant of the application's own is waited for no longer than a server would be. */
async function ownParams(
  { name: client, refresh }: ClientSettings,
  grant: TokenGrant,
  context: GrantContext,
): Promise<Params> {
  const { timeoutMs } = refresh;
  const tooSlow = () => new Error(`no parameters within ${timeoutMs} ms`);
  try {
    const made = Promise.resolve(grant.params(context));
    const params = await waitWithin(made, { timeoutMs }, tooSlow);
    const [mistyped] = mistypedParams(params ?? {});
    if (mistyped === undefined) return params;
    throw new Error(`the parameter "${mistyped}" is neither text nor a list of texts`);
  } catch (cause) {
    if (cause instanceof OAuthClientError) throw cause;
    throw new ConfigurationError({
      client,
      subject: context.subject,
      problem: `The grant ${grant.type} made no parameters.`,
      remedy: 'Check its key and functions; the stored token is untouched.',
      cause,
    });
  }
}

function problemOf(demand: TokenDemand): string {
  const what = demand.rejected ? 'was refused by the API' : 'has expired';
  return `The token ${what}, and no refresh token was given.`;
}

/** Whether a record meets the demand, so that no renewal is needed. */
export function meetsDemand(
  record: TokenRecord | undefined,
  demand: TokenDemand,
  nowSeconds: number,
  leewaySeconds: number,
): boolean {
  // Options are of one request, which no other makes needless.
  if (!record || demand.options) return false;
  if (demand.rejected && record.accessToken === demand.rejected.accessToken) return false;
  if (demand.replacing && record.version === demand.replacing.version) return false;
  const { expiresAt, obtainedAt } = record;
  if (expiresAt === undefined) return true;
  return nowSeconds < expiresAt - effectiveLeeway(leewaySeconds, obtainedAt, expiresAt);
}
