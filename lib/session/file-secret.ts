import { readFile } from 'node:fs/promises';

const readers = new WeakSet<object>();

/** A client secret that is read from a file at every use, without the line break at its end. */
export function fileSecret(path: string): () => Promise<string> {
  const read = async () => (await readFile(path, 'utf8')).trim();
  readers.add(read);
  return read;
}

/** Whether a secret is given by a function of the application's own, which may ask for anything. */
export function isAskedOfApplication(secret: unknown): boolean {
  return typeof secret === 'function' && !readers.has(secret);
}
