export { OAuthClientModule } from './oauth-client.module.js';
export { OAuthClient, getOAuthClientToken } from './oauth-client.decorator.js';
export type { OAuthClientName, OAuthClients } from './session/client-name.js';
export type {
  AsyncOptions,
  InferredClientOptions,
  InferredModuleOptions,
  OAuthClientFeatureAsyncOptions,
  OAuthClientFeatureOptionsFactory,
  OAuthClientModuleAsyncOptions,
  OAuthClientModuleOptions,
  OAuthClientOptionsFactory,
} from './oauth-client.module-definition.js';

export { OAuthClientCustomizer } from './oauth-client.customizer.js';
export type { EventLoggingOptions } from './oauth-client.event-log.js';
export { CurrentSession } from './web/current-session.decorator.js';
export { RequireAuthorization } from './web/require-authorization.decorator.js';
export { RequireAuthorizationGuard } from './web/require-authorization.guard.js';
export type { RequireAuthorizationOptions } from './web/require-authorization.guard.js';
export type { ClientOfRequest } from './web/caller-session.js';
export { OAuthExceptionFilter } from './web/oauth-exception.filter.js';
export { OnAuthorized } from './web/on-authorized.decorator.js';
export type { AuthorizedContext, SignInHandler } from './web/on-authorized.decorator.js';
export { CookieAuthorizationRequestStore } from './web/cookie.authorization-request-store.js';
export type { CookieAuthorizationRequestStoreOptions } from './web/cookie.authorization-request-store.js';
export type { Connection } from './web/routes/connections.route.js';
export type {
  OAuthRoutesOptions,
  OAuthWebOptions,
  WebRequest,
  WebSubject,
} from './web/web.options.js';
export type { ConnectUrlOptions } from './session/connect-urls.js';
export { authorizationRequiredBy } from './pipeline/refused-scope.js';

export { oauthConfigFromEnv } from './oauth-client.env.js';
export type { EnvironmentClient, OAuthEnvironmentOptions } from './oauth-client.env.js';
export { OAuthClientRegistry } from './session/oauth-client.registry.js';
export type {
  ClientRegistrationRepository,
  ClientRegistrationsOptions,
} from './session/client-registration.repository.js';
export type { ClientDisconnection, DisconnectReport } from './session/user-sign-out.js';
export type { ClientFailure, RenewalFigures } from './session/client-figures.js';
export type { ClientCooldown } from './pipeline/cooldown.js';
export type { GrantFigures } from './session/grant-count.js';
export type { OAuthClientStatus, OAuthClientStatusOptions } from './session/fleet-status.js';
export type { ServerCheck, ServerCheckOptions, StoreCheckOptions } from './session/fleet-checks.js';
export type {
  RenewalProgress,
  RenewalSkipReason,
  RenewalStep,
  RenewExpiringOptions,
} from './session/renewal-progress.js';
export { OAuthSession } from './session/oauth-session.js';
export type { SessionAxiosInstance } from './session/oauth-session.js';
export type { SessionFetch } from './session/session-fetch.js';
export { OAuth2Auth } from './session/oauth2-auth.js';
export type { AttachableHttp, OAuth2AuthOptions } from './session/oauth2-auth.js';
export type {
  Grant,
  OAuthClientDefaults,
  OAuthClientOptions,
} from './session/oauth-client.options.js';
export type { CompleteLogoutOptions, LogoutUrlOptions } from './session/logout-flow.js';
export type { UserInfo } from './pipeline/userinfo-endpoint.js';
export type { AuthorizationUrlOptions } from './session/authorization-flow.js';
export type {
  CompleteAuthorizationOptions,
  CompletedAuthorization,
  FetchTokenOptions,
  IntrospectTokenOptions,
  RefreshTokenOptions,
  RevokeTokenOptions,
} from './session/session.options.js';

export { TokenSet } from './protocol/token-set.js';
export type { TokenSetOptions } from './protocol/token-set.js';
export type { IdTokenClaims, TokenRecord, TokenResponse } from './protocol/token-record.js';
export { ScopeMismatchError } from './protocol/scope-mismatch.error.js';
export type {
  ClientAssertionOptions,
  ClientAuthentication,
  ClientAuthenticationFunction,
  ClientCredentials,
  NamedClientAuthentication,
  UnauthenticatedRequest,
} from './protocol/client-authentication.js';
export type { PrivateKeyMaterial, SignFunction, SignerOptions } from './protocol/signing-key.js';
export type { Params } from './protocol/params.js';
export { TokenEndpointResponse } from './protocol/http-message.js';
export type { TokenEndpointRequest } from './protocol/http-message.js';

export type { TokenKey } from './store/token-key.js';
export type { Lease, TokenStore } from './store/token-store.js';
export { MemoryTokenStore } from './store/memory.token-store.js';
export type {
  AuthorizationRequestRecord,
  AuthorizationRequestStore,
} from './store/authorization-request-store.js';
export { EncryptedTokenStore } from './store/encrypted.token-store.js';
export { EncryptedAuthorizationRequestStore } from './store/encrypted.authorization-request-store.js';
export type {
  EncryptedAuthorizationRequestStoreOptions,
  EncryptedTokenStoreOptions,
} from './store/encrypted.options.js';
export type { ReencryptionOptions, ReencryptionProgress } from './store/encrypted.reencryption.js';
export type {
  EncryptionKey,
  EncryptionKeyList,
  EncryptionKeyMaterial,
  EncryptionKeys,
} from './store/key-ring.js';
export type { HashedSubjectsOptions } from './store/hashed-subjects.js';
export { MemoryAuthorizationRequestStore } from './store/memory.authorization-request-store.js';

export type { Clock } from './pipeline/clock.js';
export type { GrantName, ScopePolicy, TokenPlacement } from './pipeline/client-settings.js';
export type { DeviceAuthorization } from './pipeline/device-authorization.js';
export type { TokenRequestOptions } from './pipeline/grant-request.js';
export type { IntrospectionResponse } from './pipeline/introspection-endpoint.js';
export type { JwtBearerGrantOptions, ServiceAccountKeyFile } from './pipeline/jwt-bearer.grant.js';
export type { TokenTypeHint } from './pipeline/revocation-endpoint.js';
export type { ExtensionGrant, GrantContext, TokenGrant } from './pipeline/token-grant.js';
export type { VariantRequest } from './pipeline/grant-binding.js';
export type { NearCacheOptions } from './pipeline/near-cache.js';
export type { OAuthRequestOptions } from './pipeline/request-options.js';
export type { CooldownOptions } from './pipeline/cooldown.js';
export type { RefreshOptions } from './pipeline/refresh-options.js';
export type { TokenEvent, TokenEventType } from './pipeline/token-events.js';
export type { Material, TransportOptions } from './pipeline/transport.js';

export {
  ComplianceFix,
  InterceptRefresh,
  OnAccessTokenRequest,
  OnAccessTokenResponse,
  OnIntrospectTokenRequest,
  OnProtectedRequest,
  OnRefreshTokenRequest,
  OnRefreshTokenResponse,
  OnRevokeTokenRequest,
  OnTokenEvent,
  OnTokenUpdated,
} from './compliance/compliance.decorators.js';
export type {
  RefreshContext,
  RefreshHandler,
  RefreshInterceptor,
} from './compliance/refresh.interceptor.js';
export type { TokenUpdatedContext } from './compliance/token-updated.handlers.js';
export type {
  ComplianceHook,
  ComplianceHookSignatures,
  ComplianceHookType,
  HookContext,
  ProtectedRequest,
  ProtectedRequestContext,
  RevocationContext,
} from './compliance/compliance.hooks.js';

export { OAuthClientError } from './errors/oauth-client.error.js';
export type { OAuthClientErrorCode, OAuthClientErrorDetails } from './errors/oauth-client.error.js';
export {
  ConfigurationError,
  HandlerError,
  InsecureTransportError,
  OriginNotAllowedError,
  ReentrantTokenRequestError,
  RegistrationUnavailableError,
  ShuttingDownError,
} from './errors/configuration.errors.js';
export type { ConfigurationProblem } from './errors/configuration.errors.js';
export {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  MismatchingStateError,
  MissingCodeError,
} from './errors/authorization.errors.js';
export type { AuthorizationRequiredReason } from './errors/authorization.errors.js';
export { DiscoveryError, TokenEndpointError } from './errors/endpoint.errors.js';
export type { EndpointName, TokenEndpointErrorDetails } from './errors/endpoint.errors.js';
export {
  MissingTokenError,
  TokenExpiredError,
  UnsupportedTokenTypeError,
} from './errors/token.errors.js';
export { LeaseTimeoutError, TokenStoreError } from './errors/store.errors.js';
export { SafeCause } from './errors/safe-cause.js';
