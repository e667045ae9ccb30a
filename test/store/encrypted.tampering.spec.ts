import { TokenStoreError, type TokenKey, type TokenRecord } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { ALICE, bench, BOB, jweOf, newKey, record } from './encrypted.fixtures.js';

const VARIANT: TokenKey = { ...ALICE, variant: 'scope=read' };
const OTHER_CLIENT: TokenKey = { ...ALICE, client: 'gitlab' };

/** Reads a record that cannot be trusted, both ways, and checks that all is as it was. */
async function refused(
  { inner, store }: ReturnType<typeof bench>,
  key: TokenKey,
): Promise<TokenStoreError> {
  const before = await inner.get(key);
  const error: unknown = await store.get(key).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TokenStoreError);
  expect(error).toMatchObject({ client: key.client, subject: key.subject });
  await expect(store.acquireLease!(key, 60_000)).rejects.toThrow((error as Error).message);
  expect(await inner.get(key)).toEqual(before);
  const lease = await inner.acquireLease(key, 1000);
  expect(lease?.abandoned).toBe(false);
  await lease!.release();
  return error as TokenStoreError;
}

describe('an EncryptedTokenStore refuses', () => {
  it.each([
    ['another subject', BOB],
    ['another client', OTHER_CLIENT],
    ['another variant', VARIANT],
  ])('the record of %s', async (_whose, other) => {
    const made = bench();
    await made.store.set(ALICE, record());
    await made.store.set(other, record());
    const theirs = (await made.inner.get(other))!;
    await made.inner.set(ALICE, theirs);
    expect((await refused(made, ALICE)).message).toContain('records were swapped');
  });

  it('an older content under the present version', async () => {
    const made = bench();
    await made.store.set(ALICE, record());
    const older = (await made.inner.get(ALICE))!;
    await made.store.set(ALICE, record());
    const present = (await made.inner.get(ALICE))!;
    await made.inner.set(ALICE, { ...present, raw: older.raw });
    expect((await refused(made, ALICE)).message).toContain('an older one was put back');
  });

  it('a whole record that this process has replaced', async () => {
    const made = bench();
    await made.store.set(ALICE, record());
    const older = (await made.inner.get(ALICE))!;
    await made.store.set(ALICE, record());
    await made.inner.set(ALICE, older);
    expect((await refused(made, ALICE)).message).toContain('it was put back');
  });

  it('a whole record that this process has seen another one replace', async () => {
    const made = bench();
    const other = made.open();
    await other.set(ALICE, record());
    await made.store.get(ALICE);
    const older = (await made.inner.get(ALICE))!;
    await other.set(ALICE, record());
    await made.store.get(ALICE);
    await made.inner.set(ALICE, older);
    expect((await refused(made, ALICE)).message).toContain('it was put back');
  });

  it('a record that this process has deleted, by a delete or a commit', async () => {
    const made = bench();
    for (const remove of [
      () => made.store.delete(ALICE),
      async () => (await made.store.acquireLease!(ALICE, 1000))!.commit(undefined),
    ]) {
      await made.store.set(ALICE, record());
      const deleted = (await made.inner.get(ALICE))!;
      expect(await remove()).toBe(true);
      await made.inner.set(ALICE, deleted);
      expect((await refused(made, ALICE)).message).toContain('it was put back');
    }
  });

  const changed: [string, (stored: TokenRecord) => TokenRecord][] = [
    ['its version', (stored) => ({ ...stored, version: 'other' })],
    ...[0, 2, 3, 4].map((part): [string, (stored: TokenRecord) => TokenRecord] => [
      `part ${part} of its JWE`,
      (stored) => ({ ...stored, raw: { jwe: flipped(jweOf(stored), part) } }),
    ]),
    ['its tag, cut short', (stored) => ({ ...stored, raw: { jwe: jweOf(stored).slice(0, -8) } })],
    ['its JWE, for another text', (stored) => ({ ...stored, raw: { jwe: 'nonsense' } })],
  ];
  it.each(changed)('a record after a change of %s', async (_what, change) => {
    const made = bench();
    await made.store.set(ALICE, record());
    await made.inner.set(ALICE, change((await made.inner.get(ALICE))!));
    await refused(made, ALICE);
  });

  it('a record of a key that is not in the ring, and names it', async () => {
    const made = bench({ keys: [{ kid: 'former', key: newKey() }] });
    await made.store.set(ALICE, record());
    const store = made.open({ keys: [{ kid: 'newest', key: newKey() }] });
    const { message } = await refused({ ...made, store }, ALICE);
    expect(message).toContain('OAuth client "github"');
    expect(message).toContain('a key named "former", which is not in the key ring');
  });

  it('a record of another key of the same name, and shows neither', async () => {
    const [one, other] = [newKey(), newKey()];
    const made = bench({ keys: [{ kid: 'one', key: one }] });
    await made.store.set(ALICE, record());
    const store = made.open({ keys: [{ kid: 'one', key: other }] });
    const error = await refused({ ...made, store }, ALICE);
    expect(error.message).toContain('another key named "one"');
    for (const secret of [one, other, 'secret']) expect(error.message).not.toContain(secret);
  });

  it('a record that is not encrypted', async () => {
    const made = bench();
    await made.inner.set(ALICE, record());
    expect((await refused(made, ALICE)).message).toContain('is not encrypted');
  });
});

describe('an EncryptedTokenStore', () => {
  it('reads plain records when it is told to, and encrypts them as they are written', async () => {
    const { inner, store } = bench({ allowPlain: true });
    const given = record();
    await inner.set(ALICE, given);
    expect(await store.get(ALICE)).toEqual(given);
    const lease = await store.acquireLease!(ALICE, 1000);
    expect(lease!.record).toEqual(given);
    await lease!.commit(record());
    expect(JSON.stringify(await inner.get(ALICE))).not.toContain('secret');
  });

  it('lets a record be deleted, or set anew, that it cannot decrypt', async () => {
    const { inner, store } = bench();
    await inner.set(ALICE, record());
    const next = record();
    await store.set(ALICE, next);
    expect(await store.get(ALICE)).toEqual(next);
    await inner.set(ALICE, record());
    expect(await store.delete(ALICE)).toBe(true);
  });

  it('takes a record back that the application itself sets again', async () => {
    const { store } = bench();
    const [first, second] = [record(), record()];
    for (const one of [first, second, first]) await store.set(ALICE, one);
    expect(await store.get(ALICE)).toEqual(first);
  });

  it('does not hold a slow read against the record that it read', async () => {
    const { inner, store } = bench();
    const former = record();
    await store.set(ALICE, former);
    let answer: () => void = () => undefined;
    const read = inner.get.bind(inner);
    inner.get = async (key) => {
      const stored = await read(key);
      await new Promise<void>((resolve) => (answer = resolve));
      return stored;
    };
    const slow = store.get(ALICE);
    await new Promise(setImmediate);
    await store.set(ALICE, record());
    answer();
    expect(await slow).toEqual(former);
  });
});

/** A JWE with another character in the middle of one of its parts. */
function flipped(jwe: string, part: number): string {
  const parts = jwe.split('.');
  const text = parts[part]!;
  const at = Math.floor(text.length / 2);
  parts[part] = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  return parts.join('.');
}
