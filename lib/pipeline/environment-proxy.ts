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

function exempts(entry: string, { hostname, port, protocol }: URL): boolean {
  if (entry === '*') return true;
  const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const actual = port || (protocol === 'https:' ? '443' : '80');
  if (only !== undefined && only !== actual) return false;
  if (!/^[.*]/.test(name)) return hostname === name;
  return hostname.endsWith(name.replace(/^\*/, ''));
}
