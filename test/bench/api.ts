import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the API in its own process; where it is, and how to end it. */
export async function startApi(): Promise<{ url: string; stop: () => void }> {
  const child = fork(fileURLToPath(new URL('./api.process.ts', import.meta.url)));
  const [port] = (await Promise.race([once(child, 'message'), failed(child)])) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

async function failed(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`The API's process ended with ${code} before it listened.`);
}
