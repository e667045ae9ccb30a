export { FakeAuthorizationServer } from './fake-authorization-server.js';
export type { FakeIssueOptions, FakeTokenResponse } from './fake-authorization-server.js';
export type {
  FakeAuthorizationServerOptions,
  FakeClient,
  FakeClientAuthentication,
  FakeRotation,
  FakeServerPolicy,
} from './fake-authorization-server.options.js';
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
export { describeTokenStore } from './describe-token-store.js';
export type {
  TokenStoreFactory,
  TokenStorePart,
  TokenStoreTestOptions,
  TokenStoreTestRunner,
} from './describe-token-store.support.js';
