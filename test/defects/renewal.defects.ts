import type { Defect, Edit } from './planted-copy.js';

const RENEWAL = 'test/pipeline/renewal.spec.ts';

const NO_SINGLE_FLIGHT: Edit = {
  file: 'lib/pipeline/single-flight.ts',
  replace: 'if (inFlight) return inFlight;',
  by: '',
};

/** Granting it is not enough: a lease while another one is out says so, and its holder waits. */
const NO_LEASE: readonly Edit[] = [
  {
    file: 'lib/store/memory.token-store.ts',
    replace: 'if (leases.current && leases.endsAt > performance.now()) return undefined;',
    by: '',
  },
  {
    file: 'lib/store/memory.token-store.ts',
    replace: 'const abandoned = leases.outstanding.size > 0;',
    by: 'const abandoned = false;',
  },
];

/** What would lose a grant, or spend it twice. */
export const RENEWAL_DEFECTS: readonly Defect[] = [
  {
    // The lease alone still holds a burst to one token request, so that only the store can tell.
    name: 'no single flight',
    edits: [NO_SINGLE_FLIGHT],
    foundBy: {
      file: 'test/defects/named/burst.spec.ts',
      title: 'a burst of calls on an expired token asks the store for one lease',
    },
  },
  {
    name: 'no lease',
    edits: NO_LEASE,
    foundBy: {
      file: 'test/pipeline/leases.spec.ts',
      title:
        'two applications with one store make one token request for 2 × 50 calls on an expired token',
    },
  },
  {
    name: 'neither single flight nor lease',
    edits: [NO_SINGLE_FLIGHT, ...NO_LEASE],
    foundBy: { file: RENEWAL, title: 'a renewal makes one token request for 100 calls at once' },
  },
  {
    name: 'a commit ignores what was stored meanwhile',
    edits: [
      {
        file: 'lib/store/memory.token-store.ts',
        replace: `        if (!isCurrent()) return false;
        this.#write(key, next);`,
        by: '        this.#write(key, next);',
      },
    ],
    foundBy: {
      file: 'test/pipeline/overtaken-renewals.spec.ts',
      title:
        'a renewal that somebody overtakes leaves a disconnect a disconnect, and says so to those who wait',
    },
  },
  {
    // Both ways to see that the token was renewed meanwhile: the near cache, and the lease's record.
    name: 'a 401 renews without naming the token that was rejected',
    edits: [
      {
        file: 'lib/pipeline/token-source.ts',
        replace:
          'if (at && at.accessToken !== rejected.accessToken) return withScope(settings, binding, at);',
        by: '',
      },
      {
        file: 'lib/pipeline/token-source.ts',
        replace: 'await this.#renewal.acquire(binding, { rejected });',
        by: 'await this.renewed(binding);',
      },
    ],
    foundBy: {
      file: 'test/pipeline/rejected.spec.ts',
      title: 'a token that the API rejects renews nothing when it is an older one than the present',
    },
  },
  {
    name: 'old expiry kept',
    edits: [
      {
        file: 'lib/protocol/token-merge.ts',
        replace: 'const renewed = obtainedRecord(response, {',
        by: `const { expiresAt } = previous as { expiresAt?: number };
  const renewed = obtainedRecord({ ...(expiresAt && { expires_at: expiresAt }), ...response }, {`,
      },
    ],
    foundBy: {
      file: RENEWAL,
      title: 'a renewal clears the end that it knew when the answer names none',
    },
  },
  {
    // Kept out three times: where the answer is read, judged, and made into a token set.
    name: 'empty refresh token kept',
    edits: [
      {
        file: 'lib/protocol/token-response.normaliser.ts',
        replace: "value !== null && value !== ''",
        by: 'value !== null',
      },
      {
        file: 'lib/protocol/token-response.normaliser.ts',
        replace: '...rest,',
        by: "...rest, ...(rest['refresh_token'] === '' && { refresh_token: undefined }),",
      },
      {
        file: 'lib/protocol/response-record.ts',
        replace:
          'nonEmpty(refreshToken) !== undefined && { refreshToken: nonEmpty(refreshToken)! }',
        by: "typeof refreshToken === 'string' && { refreshToken }",
      },
    ],
    foundBy: {
      file: RENEWAL,
      title: 'a renewal keeps the refresh token when the answer brings an empty one',
    },
  },
];
