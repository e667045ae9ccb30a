const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

type Dispatcher = object & {
  constructor: new (options: { connections: number }) => Dispatcher;
};

/** Gives Node's own `fetch` as many connections as the agents of the others have. */
export async function setGlobalDispatcherConnections(
  url: string,
  connections: number,
): Promise<void> {
  // It is there as soon as it was used.
  await (await fetch(url)).text();
  const global = globalThis as { [DISPATCHER]?: Dispatcher };
  const present = global[DISPATCHER];
  if (present) global[DISPATCHER] = new present.constructor({ connections });
}
