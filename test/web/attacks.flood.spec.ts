import {
  MemoryAuthorizationRequestStore,
  type AuthorizationRequestRecord,
} from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { RecordingLogger } from '../support/recording-logger.js';
import { platforms } from './application.js';
import { begin, callbackFor, scene } from './flow.js';

/** Tells how many flows are pending. */
class Counted extends MemoryAuthorizationRequestStore {
  readonly pending = new Set<string>();

  override async save(hash: string, request: AuthorizationRequestRecord, ttlMs: number) {
    this.pending.add(hash);
    return super.save(hash, request, ttlMs);
  }

  override async take(hash: string) {
    this.pending.delete(hash);
    return super.take(hash);
  }
}

// Who opens the routes without end is to fill no memory, no log and no authorization server.
describe.each(platforms)('a flood on $name', (platform) => {
  it('of callbacks asks the server nothing, keeps nothing and logs nothing', async () => {
    const logger = new RecordingLogger();
    const store = new Counted();
    const stage = await scene(platform, {
      options: { authorizationRequestStore: store },
      change: (application) => application.useLogger(logger),
    });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_one, index) =>
        stage.browser.open(`/oauth/github/callback?code=x&state=s${index}`),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(stage.server.journal.count()).toBe(0);
    expect(store.toJSON()).toEqual({ pending: 0 });
    expect([...logger.warnings, ...logger.errors]).toEqual([]);
  });

  it('of flows in one browser leaves the last twenty', async () => {
    const store = new Counted();
    const stage = await scene(platform, { options: { authorizationRequestStore: store } });
    const first = await callbackFor(stage);
    for (let more = 1; more < 30; more += 1) await begin(stage.browser);
    const last = await callbackFor(stage);
    expect(store.pending.size).toBe(20);
    expect(stage.browser.cookieHeader.length).toBeLessThan(1000);
    expect((await stage.browser.open(first)).status).toBe(400);
    expect((await stage.browser.open(last)).status).toBe(303);
  });

  it('of browsers without cookies fills the store up to its bound', async () => {
    const store = new MemoryAuthorizationRequestStore({ maxEntries: 50 });
    const { other } = await scene(platform, { options: { authorizationRequestStore: store } });
    for (let more = 0; more < 80; more += 1) await begin(other());
    expect(store.toJSON()).toEqual({ pending: 50 });
  });
});
