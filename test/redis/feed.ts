import type { TokenKey, TokenStore } from 'nestjs-oauth-client';
import { newKey, newRecord } from './records.js';

const PROBE = 'the probe of a feed';

/** The keys that are heard of from now on, without those of {@link connected}. */
export function heardOf(store: TokenStore): TokenKey[] {
  const heard: TokenKey[] = [];
  store.changes$!.subscribe((key) => key.subject === PROBE || heard.push(key));
  return heard;
}

/** Resolves once changes are heard of: a feed takes a moment to connect. */
export async function connected(store: TokenStore): Promise<void> {
  const probe = newKey(PROBE);
  const state: { heard?: true; error?: unknown } = {};
  const subscription = store.changes$!.subscribe({
    next: ({ client }) => void (client === probe.client && (state.heard = true)),
    error: (error: unknown) => (state.error = error),
  });
  while (!state.heard && state.error === undefined) await store.set(probe, newRecord());
  subscription.unsubscribe();
  if (state.error !== undefined) throw state.error as Error;
  await store.delete(probe);
}

/** Resolves with the error that ends the feed. */
export function lost(store: TokenStore): Promise<unknown> {
  return new Promise((resolve) => store.changes$!.subscribe({ error: resolve }));
}
