export { FakeAuthorizationServer } from './fake-authorization-server.js';
export type { FakeIssueOptions, FakeTokenResponse } from './fake-authorization-server.issued.js';
export type {
  FakeAuthorizationServerOptions,
  FakeClient,
  FakeClientAuthentication,
  FakeRotation,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
export type {
  FakeExtensionAnswer,
  FakeExtensionGrant,
} from './fake-authorization-server.extension-grants.js';
export type { FakeAuthorizeOptions } from './fake-authorization-server.authorize.js';
export type { FakeApiAnswer } from './fake-authorization-server.api.js';
export { fingerprint } from './fake-authorization-server.http.js';
export type { FakeEndpoint, FakeRequest, FakeResponse } from './fake-authorization-server.http.js';
export type {
  FakeJournal,
  FakeJournalEntry,
  FakeJournalNotes,
} from './fake-authorization-server.journal.js';
export type { FakeScript } from './fake-authorization-server.script.js';
export type { FakeHold } from './fake-authorization-server.hold.js';
export type { FakeServerClock } from './fake-authorization-server.clock.js';
export type { FakeTokenFilter } from './fake-authorization-server.tokens.js';
export type { FakeProviderName } from './acts/index.js';
export type {
  ActAnswer,
  ActError,
  ActScene,
  ProviderAct,
} from './fake-authorization-server.act.js';
export { OAuthClientTestingModule } from './oauth-client-testing.module.js';
export type { OAuthTestModuleOptions } from './oauth-client-testing.module.js';
export { overrideOAuthClient } from './override-oauth-client.js';
export type { OverridableBuilder } from './override-oauth-client.js';
export { OAuthTestKit } from './oauth-test-kit.js';
export type { OAuthTestModule } from './oauth-test-kit.js';
export { OAuthTestClient } from './oauth-test-client.js';
export type { OAuthTestClientOptions } from './oauth-test-client.options.js';
export type { OAuthTestAuthorizeOptions } from './oauth-test-authority.js';
export type { OAuthTestToken, OAuthTestTokenValue } from './oauth-test-tokens.js';
export type {
  OAuthTestCall,
  OAuthTestRequest,
  OAuthTestTokenRequest,
} from './oauth-test-request.js';
export { inTurn } from './oauth-test-reply.js';
export type {
  OAuthTestAnswer,
  OAuthTestReply,
  OAuthTestReplyFunction,
  OAuthTestRoutes,
} from './oauth-test-reply.js';
export { TestClock } from './test-clock.js';
export { describeTokenStore } from './describe-token-store.js';
export type {
  TokenStoreFactory,
  TokenStorePart,
  TokenStoreTestOptions,
  TokenStoreTestRunner,
} from './describe-token-store.support.js';
