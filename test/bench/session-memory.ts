import type { OAuthSession } from 'nestjs-oauth-client';

const SESSIONS = 100_000;

/** What a session of one user costs that is kept alive, in bytes. */
export interface SessionMemory {
  readonly sessions: number;
  readonly bytesEach: number;
  /** The text of its key, without which it would not know whose it is. */
  readonly keyBytesEach: number;
}

/** Weighs many `for()` sessions, and as many keys alone; needs `--expose-gc`. */
export function sessionMemory(people: OAuthSession): SessionMemory | undefined {
  const { gc } = globalThis;
  if (!gc) return undefined;
  const subjects = Array.from({ length: SESSIONS }, (_, index) => `user-${index}`.padEnd(16, 'x'));
  const weigh = (make: (subject: string) => unknown): number => {
    const kept: unknown[] = Array.from({ length: SESSIONS });
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < SESSIONS; index += 1) kept[index] = make(subjects[index]!);
    gc();
    const after = process.memoryUsage().heapUsed;
    // Named once more, or it could be collected before it is weighed.
    return (after - before) / kept.length;
  };
  const bytesEach = weigh((subject) => people.for(subject));
  const { clientName } = people;
  const keyBytesEach = weigh(
    (subject) => `${clientName.length}:${clientName}${subject.length}:${subject}`,
  );
  return { sessions: SESSIONS, bytesEach, keyBytesEach };
}
