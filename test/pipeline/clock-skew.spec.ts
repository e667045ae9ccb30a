import { describe, expect, it } from 'vitest';
import { MemoryTokenStore } from 'nestjs-oauth-client';
import { bootClient, startServer, userClient } from '../support/application.js';
import { calls } from '../support/renewal-bench.js';
import { TestClock } from '../support/test-clock.js';

describe('replicas whose clocks are half a minute apart', () => {
  it.each([
    ['ahead of', 30],
    ['behind', -30],
  ])('renew once each time, with one %s the server', async (_what, seconds) => {
    const [right, wrong] = [new TestClock(), new TestClock()];
    wrong.advance(seconds);
    const server = await startServer({ accessTokenSeconds: 600, now: () => right.now() / 1000 });
    const store = new MemoryTokenStore();
    const replicas = await Promise.all(
      [right, wrong].map((clock) => bootClient(userClient(server), { clock, store })),
    );
    const sessions = replicas.map((client) => client.for('alice'));
    await sessions[0]!.setToken({ ...server.issueTokens({ subject: 'alice' }) });
    for (let cycle = 1; cycle <= 5; cycle += 1) {
      for (const clock of [right, wrong]) clock.advance(601);
      for (const statuses of await Promise.all(sessions.map((session) => calls(session, 20)))) {
        expect(statuses).toEqual({ 200: 20 });
      }
      expect(server.journal.tokenRequests('refresh_token')).toHaveLength(cycle);
    }
    expect(server.isLive((await sessions[1]!.token())!.refreshToken!)).toBe(true);
  });
});
