import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { check, type TargetReport } from '../verdict.js';

/** What is weighed, each in a process of its own. */
export interface MemoryFigures {
  /** A subject's token in the memory store, and the same record in a `Map`; bytes each. */
  stored: { storedBytes: number; mapBytes: number; count: number };
  /** What the heap has grown by while so many subjects were called once each. */
  called: { subjects: number; grownBytes: number };
  /** What 10,000 subjects that were called have left behind. */
  things: { instances: number; timers: number };
  /** Sessions that are kept, and the texts of their keys alone; bytes each. */
  sessions: { sessions: number; bytesEach: number; keyBytesEach: number };
}

const SUBJECTS = 1_000_000;
const MEGABYTE = 1024 * 1024;

/** Target 5: what subjects and their sessions weigh. */
export async function memory(scale: number): Promise<TargetReport> {
  const [called, [stored, things, sessions]] = await Promise.all([
    measured('called', Math.round(SUBJECTS * Math.min(1, scale * 2))),
    oneAfterTheOther(),
  ]);
  const overKey = sessions.bytesEach - sessions.keyBytesEach;
  const { subjects, grownBytes } = called;
  return {
    target: 5,
    title: 'memory',
    checks: [
      check('a stored subject', stored.storedBytes / stored.mapBytes, 'at most', 1.5, {
        unit: '× a Map entry',
      }),
      check(
        `heap growth while ${subjects.toLocaleString('en')} subjects are called, near cache full`,
        grownBytes / MEGABYTE,
        'at most',
        1,
        { unit: 'MB' },
      ),
      check('axios instances for 10,000 subjects', things.instances, 'exactly', 0),
      check('timers for 10,000 subjects', things.timers, 'exactly', 0),
      check('a for() session that is kept, over its key', overKey, 'at most', 100, {
        unit: 'bytes',
      }),
    ],
    figures: { stored, called, things, sessions },
  };
}

async function oneAfterTheOther(): Promise<
  [MemoryFigures['stored'], MemoryFigures['things'], MemoryFigures['sessions']]
> {
  return [await measured('stored'), await measured('things'), await measured('sessions')];
}

async function measured<Name extends keyof MemoryFigures>(
  name: Name,
  ...args: number[]
): Promise<MemoryFigures[Name]> {
  const entry = fileURLToPath(new URL('./memory.process.ts', import.meta.url));
  const execArgv = [...new Set([...process.execArgv, '--expose-gc'])];
  const child = fork(entry, [name, ...args.map(String)], { execArgv });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`Weighing ${name} ended with ${String(code)}.`);
  });
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [MemoryFigures[Name]];
  ended.catch(() => undefined);
  return figures;
}
