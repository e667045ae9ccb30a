/** Whether a request body can be sent a second time: streams and iterators are spent by the first. */
export function isReplayable(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true;
  if (typeof (data as { pipe?: unknown }).pipe === 'function') return false;
  if (data instanceof ReadableStream) return false;
  const iterable = data as { [Symbol.asyncIterator]?: unknown };
  return iterable[Symbol.asyncIterator] === undefined;
}
