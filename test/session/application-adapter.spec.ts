import type { AxiosAdapter } from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

type AtOnce = (config: Parameters<AxiosAdapter>[0]) => Awaited<ReturnType<AxiosAdapter>>;

async function boot(answer: AtOnce) {
  const adapter = answer as unknown as AxiosAdapter;
  return bootClient(machineClient(await startServer(), { http: { adapter } }));
}

describe("an adapter of the application's own", () => {
  it('may answer at once, as stubs do', async () => {
    const session = await boot((config) => ({
      ...{ status: 200, statusText: 'OK', headers: {}, config },
      data: config.headers.get('authorization'),
    }));
    const { data } = await firstValueFrom(session.get('/things'));
    expect(data).toBe(`Bearer ${await session.accessToken()}`);
  });

  it('may throw at once', async () => {
    const session = await boot(() => {
      throw new TypeError('no such stub');
    });
    expect((await failure(firstValueFrom(session.get('/things')), TypeError)).message).toBe(
      'no such stub',
    );
  });
});
