import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../lib/pipeline/public-address.js';
import { AllowedHosts, isHostPattern } from '../../lib/protocol/allowed-hosts.js';

describe('an address on the public internet', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '169.253.255.255',
    '192.0.1.1',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2001:200::1',
    '2a00:1450:4001:81b::200e',
    '2a00:1450:4001:81b::200e%eth0',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ])('is %s', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('an address that is not', () => {
  it.each([
    ['this network', '0.0.0.0', '0.1.2.3'],
    ['private use', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ['shared by carriers', '100.64.0.1', '100.100.100.200', '100.127.255.255'],
    ['loopback', '127.0.0.1', '127.255.255.255', '::1'],
    ['link-local, and the metadata of clouds', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
    ['the host agent of Azure', '168.63.129.16'],
    ['protocol assignments', '192.0.0.1', '192.0.0.192', '192.88.99.1'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    ['benchmarks', '198.18.0.1', '198.19.255.255', '2001:2::1'],
    ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
    ['reserved', '240.0.0.1', '255.255.255.255'],
    ['unspecified', '::'],
    ['unique local', 'fc00::1', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['mapped IPv4', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:FFFF:A9FE:A9FE'],
    ['compatible and translated IPv4', '::127.0.0.1', '::8.8.8.8', '::ffff:0:10.0.0.1'],
    ['NAT64 of private IPv4', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1'],
    ['NAT64 of a local prefix', '64:ff9b:1::808:808', '64:ff9b:1:fffe::a00:1'],
    ['6to4 of private IPv4', '2002:7f00:1::1', '2002:a9fe:a9fe::', '2002:c0a8:101::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1'],
    ['discard and segment routing', '100::1', '5f00::1'],
    [
      'no address at all',
      '',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '::1::',
      ' 8.8.8.8',
    ],
  ])('is one of %s', (_what, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});

describe('allowed hosts', () => {
  const allows = (pattern: string, url: string) => new AllowedHosts([pattern]).allows(new URL(url));

  it.each([
    ['login.internal', 'https://login.internal/a', 'https://login.internal:8443'],
    ['LOGIN.internal', 'https://login.INTERNAL'],
    ['localhost:8443', 'https://localhost:8443'],
    ['localhost:443', 'https://localhost'],
    ['localhost:80', 'http://localhost'],
    ['*.corp.example', 'https://a.corp.example', 'https://a.b.corp.example'],
    ['10.0.0.5', 'https://10.0.0.5', 'https://0xa.5'],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443', 'https://[fd00:0::0:1]:8443'],
    ['fd00::1', 'https://[fd00::1]'],
    ['bücher.example', 'https://xn--bcher-kva.example'],
  ])('with %s allow it', (pattern, ...urls) => {
    expect(urls.filter((url) => !allows(pattern, url))).toEqual([]);
  });

  it.each([
    ['login.internal', 'https://a.login.internal', 'https://login.internal.evil.example'],
    ['localhost:8443', 'https://localhost', 'https://localhost:8444'],
    ['*.corp.example', 'https://corp.example', 'https://evilcorp.example', 'https://.corp.example'],
    ['10.0.0.5', 'https://10.0.0.50', 'https://10.0.0.5.example'],
  ])('with %s allow no other', (pattern, ...urls) => {
    expect(urls.filter((url) => URL.canParse(url) && allows(pattern, url))).toEqual([]);
  });

  it.each([
    '',
    '*',
    '*.',
    'a.*.example',
    'https://login.internal',
    'login.internal/path',
    'user@login.internal',
    'login.internal:0',
    'login.internal:70000',
    '*.10.0.0.5',
    '10.0.0.0/8',
    'a b',
  ])('are not named by "%s"', (text) => expect(isHostPattern(text)).toBe(false));
});
