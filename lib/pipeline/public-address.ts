import { BlockList, isIP, isIPv4 } from 'node:net';
import { parseUrl } from '../protocol/url.js';

/** What of IPv4 is no host on the public internet. RFC 6890; IANA's registry of special addresses. */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The host agent of Azure's virtual machines, which is reached from inside alone.
  ['168.63.129.16', 32],
] as const;

/** What of 2000::/3 is no host there: assignments of the IETF (Teredo among them), documentation. */
const NOT_PUBLIC_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const;

const v4 = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_V4) v4.addSubnet(net, prefix, 'ipv4');
const v6 = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_V6) v6.addSubnet(net, prefix, 'ipv6');

/**
 * Whether an IP address is a host on the public internet. Of an IPv6 address that stands for an
 * IPv4 one (mapped, 6to4, NAT64), that one is judged. What is no IP address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !v4.check(address, 'ipv4');
  const groups = groupsOf(address);
  if (!groups) return false;
  const embedded = embeddedIn(groups);
  if (embedded !== undefined) return !v4.check(embedded, 'ipv4');
  const isGlobalUnicast = (groups[0]! & 0xe000) === 0x2000;
  return isGlobalUnicast && !v6.check(groups.map((group) => group.toString(16)).join(':'), 'ipv6');
}

/** The IPv4 address that an IPv6 one stands for. RFC 4291, 2.5.5.2; RFC 6052; RFC 3056. */
function embeddedIn(groups: readonly number[]): string | undefined {
  const startsWith = (...prefix: number[]) => prefix.every((group, at) => groups[at] === group);
  if (startsWith(0, 0, 0, 0, 0, 0xffff) || startsWith(0x64, 0xff9b, 0, 0, 0, 0)) {
    return dotted(groups[6]!, groups[7]!);
  }
  return startsWith(0x2002) ? dotted(groups[1]!, groups[2]!) : undefined;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address, however it is written. */
function groupsOf(address: string): number[] | undefined {
  const bare = address.replace(/%.*$/s, '');
  const host = isIP(bare) === 6 ? parseUrl(`http://[${bare}]/`)?.hostname : undefined;
  if (host === undefined) return undefined;
  const [head = '', tail] = host.slice(1, -1).split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
