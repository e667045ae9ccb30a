import { ConfigurationError } from '../index.js';

/** What a check may be told. */
const KNOWN = {
  isHealthy: ['clients', 'store', 'metadata', 'cooldown', 'renewals'],
  storeCheck: ['severity', 'timeoutMs'],
  metadataCheck: ['clients', 'severity', 'timeoutMs', 'maxAgeSeconds'],
  cooldownCheck: ['clients', 'severity'],
  renewalCheck: ['clients', 'severity', 'windowSeconds', 'maxFailedShare', 'minRenewals'],
} as const;

/**
 * Throws for options that do not exist or cannot be: a check that is misspelt, or whose severity
 * is, would be healthy for ever.
 */
export function demandOptions(check: keyof typeof KNOWN, options: object): void {
  const given = options as Record<string, unknown>;
  const known: readonly string[] = KNOWN[check];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw refused(check, unknown, 'There is no such option.', `There are: ${known.join(', ')}.`);
  }
  const { severity, maxFailedShare: share, minRenewals: least } = given;
  if (severity !== undefined && severity !== 'degraded' && severity !== 'down') {
    throw refused(check, 'severity', 'It is none.', "Use 'degraded' or 'down'.");
  }
  if (share !== undefined && !(typeof share === 'number' && share >= 0 && share <= 1)) {
    throw refused(check, 'maxFailedShare', 'It is no share.', 'Use a number from 0 to 1.');
  }
  if (least !== undefined && !(typeof least === 'number' && least >= 0)) {
    throw refused(check, 'minRenewals', 'It is no such number.', 'Use a number of 0 or more.');
  }
}

function refused(
  check: string,
  option: string,
  problem: string,
  remedy: string,
): ConfigurationError {
  return new ConfigurationError({
    problem: `${check}() was given "${option}". ${problem}`,
    remedy,
  });
}
