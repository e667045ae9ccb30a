/**
 * Whether axios would send a request through a proxy that the environment names: `HTTPS_PROXY`,
 * `HTTP_PROXY` or `ALL_PROXY`, unless `NO_PROXY` exempts the host.
 */
export function environmentProxies(url: URL, environment: NodeJS.ProcessEnv): boolean {
  const read = (name: string) => environment[name] || environment[name.toUpperCase()] || '';
  const proxy = read(`${url.protocol.slice(0, -1)}_proxy`) || read('all_proxy');
  if (proxy === '') return false;
  const exempt = read('no_proxy').toLowerCase();
  return !exempt.split(/[\s,]+/).some((one) => one !== '' && exempts(one, url));
}

/** How long the environment is taken to be as it was, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * Whether the environment names a proxy for anything at all. axios reads half a dozen variables for
 * every request, which is a twentieth of the processor time of one; this looks once a second.
 */
export class EnvironmentProxies {
  #any = false;
  #until = Number.NEGATIVE_INFINITY;

  /** Whether a request through this agent may have to go through a proxy that nobody named here. */
  concern(agent: unknown): boolean {
    // An agent of Node may know the environment's proxies by itself, since it was made.
    const { options } = agent as { readonly options?: { readonly proxyEnv?: unknown } };
    return options?.proxyEnv != null || this.#named();
  }

  #named(): boolean {
    const now = performance.now();
    // Also when the clock was put back, as the fake timers of tests do in the end.
    if (now >= this.#until || now < this.#until - LOOK_MS) {
      this.#until = now + LOOK_MS;
      this.#any = Object.entries(process.env).some(
        ([name, value]) => value !== '' && /_proxy$/i.test(name) && !/^no_/i.test(name),
      );
    }
    return this.#any;
  }
}

function exempts(entry: string, { hostname, port, protocol }: URL): boolean {
  if (entry === '*') return true;
  const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const actual = port || (protocol === 'https:' ? '443' : '80');
  if (only !== undefined && only !== actual) return false;
  if (!/^[.*]/.test(name)) return hostname === name;
  return hostname.endsWith(name.replace(/^\*/, ''));
}
