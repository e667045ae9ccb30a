import { describe, expect, it } from 'vitest';
import { faultOfIdToken } from '../../lib/protocol/id-token.judge.js';

const claims = { iss: 'https://issuer.example', sub: 'alice', aud: 'client' };
const expected = { issuer: 'https://issuer.example', clientId: 'client' };
// OpenID Connect Core 1.0, appendix A.3 and A.4: the specification's own examples.
const ACCESS_TOKEN = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y';
const CODE = 'Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk';

describe('the faults of an ID token', () => {
  it.each([
    ['none', {}, {}, undefined],
    ['issuer', { iss: 'https://other.example' }, {}, 'it is of another issuer'],
    ['subject', { sub: '' }, {}, 'it names no subject'],
    [
      'several audiences',
      { aud: ['client', 'b'] },
      {},
      'it is for several audiences, and names no authorized party',
    ],
    ['several audiences, and its own', { aud: ['client', 'b'], azp: 'client' }, {}, undefined],
    ['authorized party', { azp: 'other' }, {}, 'its authorized party is another client'],
    ['nonce', { nonce: 'a' }, { nonce: 'b' }, 'its nonce is not the one sent'],
    ['no nonce', {}, { nonce: 'b' }, 'its nonce is not the one sent'],
    ['a nonce nobody sent', { nonce: 'a' }, {}, undefined],
    ['another user', {}, { former: { sub: 'bob' } }, 'it is about another user than before'],
    [
      'another issuer than before',
      {},
      { former: { sub: 'alice', iss: 'https://former.example' } },
      'it is of another issuer than before',
    ],
    [
      'another nonce than before',
      { nonce: 'b' },
      { former: { nonce: 'a' } },
      'its nonce is another than before',
    ],
    [
      'another time of signing in',
      { auth_time: 2 },
      { former: { auth_time: 1 } },
      'the user signed in at another time than before',
    ],
    ['less than before', {}, { former: { ...claims, nonce: 'a', auth_time: 1 } }, undefined],
    ['a user who signed in later', { auth_time: 100 }, { signedInSince: 100 }, undefined],
    [
      'a user who signed in too long ago',
      { auth_time: 99 },
      { signedInSince: 100 },
      'the user signed in too long ago, or it does not say when',
    ],
    [
      'no time of signing in',
      {},
      { signedInSince: 100 },
      'the user signed in too long ago, or it does not say when',
    ],
    [
      'access token',
      { at_hash: 'x' },
      { accessToken: ACCESS_TOKEN },
      'it is of another access token',
    ],
    [
      'its access token',
      { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' },
      { accessToken: ACCESS_TOKEN },
      undefined,
    ],
    ['code', { c_hash: 'x' }, { code: CODE }, 'it is of another code'],
    ['no hash of the code', {}, { code: CODE }, 'it has no hash of the code'],
    ['its code', { c_hash: 'LDktKdoQak3Pk0cnXxCltA' }, { code: CODE }, undefined],
  ])('%s', (_what, more, context, fault) => {
    expect(faultOfIdToken({ ...claims, ...more }, 'RS256', { ...expected, ...context })).toBe(
      fault,
    );
  });

  it('hash as the algorithm does', () => {
    const context = { ...expected, accessToken: 'token' };
    for (const [alg, hash] of [
      ['ES384', 'sha384'],
      ['PS512', 'sha512'],
      ['EdDSA', 'sha512'],
    ] as const) {
      const short = { ...claims, at_hash: '77QmUPtjPfzWtF2AnpK9RQ' };
      expect([hash, faultOfIdToken(short, alg, context)]).toEqual([
        hash,
        'it is of another access token',
      ]);
    }
  });
});
