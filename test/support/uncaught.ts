import { onTestFinished } from 'vitest';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** What would end the process from now on, were nobody listening; the test runner is not told. */
export function recordUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  const note = (fault: unknown) => void uncaught.push(fault);
  for (const event of EVENTS) {
    const others = process.rawListeners(event);
    process.removeAllListeners(event);
    process.on(event, note);
    onTestFinished(() => {
      process.off(event, note);
      for (const other of others) process.on(event, other as () => void);
    });
  }
  return uncaught;
}

/** What was thrown or rejected by now has been noticed: RxJS throws again by a timer. */
export function noticed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
