/** Work took longer than it was given. */
export class TimeLimitError extends Error {}

/** Waits for work so many milliseconds and no longer; the work itself goes on. */
export async function withinLimit<T>(work: T | PromiseLike<T>, limitMs: number): Promise<T> {
  if (typeof (work as Partial<PromiseLike<T>> | undefined)?.then !== 'function') return work;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(`no end within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
