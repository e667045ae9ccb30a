export { KeyvTokenStore } from './keyv.token-store.js';
export type { KeyvTokenStoreOptions } from './keyv.token-store.js';
