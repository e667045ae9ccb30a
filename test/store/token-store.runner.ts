import {
  describeTokenStore,
  type TokenStoreFactory,
  type TokenStoreTestOptions,
} from 'nestjs-oauth-client/testing';

/** Runs the contract's suite by itself, to see which of its tests fail. */
export async function runTokenStoreTests(
  factory: TokenStoreFactory,
  options: Pick<TokenStoreTestOptions, 'without'> = {},
): Promise<{ titles: string[]; passed: string[]; failed: string[] }> {
  const titles: string[] = [];
  const tests: { title: string; test: () => Promise<void> }[] = [];
  describeTokenStore('store', factory, {
    ...options,
    describe: (title, body) => {
      titles.push(title);
      body();
    },
    it: (title, test) => tests.push({ title, test }),
  });
  const outcomes = await Promise.allSettled(tests.map(({ test }) => test()));
  const withStatus = (status: string) =>
    tests.filter((_test, index) => outcomes[index]?.status === status).map(({ title }) => title);
  return { titles, passed: withStatus('fulfilled'), failed: withStatus('rejected') };
}
