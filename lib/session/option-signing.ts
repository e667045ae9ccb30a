import {
  algorithmsOf,
  KEY_ALGORITHMS,
  privateKeyOf,
  toldBy,
  type PrivateKeyMaterial,
} from '../protocol/signing-key.js';
import { isObject, type OptionProblem } from './option-values.js';

type Given = Readonly<Record<string, unknown>>;

/** Mistakes in what an assertion says: RFC 7523 for clients and for service accounts alike. */
export function claimProblems(option: string, given: Given): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const { lifetimeSeconds: seconds, audience } = given;
  if (seconds !== undefined && !(Number.isFinite(seconds) && (seconds as number) > 0)) {
    const remedy = 'Use a number of seconds above 0, or leave it out.';
    const problem = 'It is no such number.';
    problems.push({ option: `${option}.lifetimeSeconds`, problem, remedy });
  }
  for (const name of ['claims', 'header']) {
    if (given[name] === undefined || isObject(given[name])) continue;
    const remedy = "Write { name: 'value' }, or leave it out.";
    problems.push({ option: `${option}.${name}`, problem: 'It is no object.', remedy });
  }
  for (const name of ['kid', 'issuer', 'subject']) {
    if (given[name] === undefined || typeof given[name] === 'string') continue;
    const remedy = 'Write it as text, or leave it out.';
    problems.push({ option: `${option}.${name}`, problem: 'It is no text.', remedy });
  }
  const audiences: unknown[] = Array.isArray(audience) ? Array.from(audience) : [audience ?? ''];
  if (!audiences.every((one) => typeof one === 'string')) {
    const remedy = 'Write it as text, or as a list of texts.';
    problems.push({ option: `${option}.audience`, problem: 'It is no audience.', remedy });
  }
  return problems;
}

/** Mistakes in what signs. */
export function signerProblems(option: string, { key, sign, alg }: Given): OptionProblem[] {
  if (sign !== undefined) return signProblems(option, { key, sign, alg });
  const give = 'Give a private key as PEM, JWK or KeyObject, or a function that signs.';
  if (key === undefined) {
    return [{ option: `${option}.key`, problem: 'It is missing.', remedy: give }];
  }
  const algorithms = typeof key === 'function' ? KEY_ALGORITHMS : algorithmsFor(key);
  if (algorithms === undefined) {
    return [{ option: `${option}.key`, ...(isEncrypted(key) ? ENCRYPTED : noKey(give)) }];
  }
  const asked = alg ?? (typeof key === 'function' ? undefined : toldBy(key as never).alg);
  if (algorithms.length > 0 && (asked === undefined || algorithms.includes(asked as string))) {
    return [];
  }
  if (algorithms.length === 0) {
    const problem = 'It is of a kind that signs no JWT.';
    return [{ option: `${option}.key`, problem, remedy: 'Use an RSA, P-256 or Ed25519 key.' }];
  }
  const remedy = `Use one of ${algorithms.join(', ')}, or leave it out.`;
  return [{ option: `${option}.alg`, problem: 'It does not go with the key.', remedy }];
}

function signProblems(option: string, { key, sign, alg }: Given): OptionProblem[] {
  if (typeof sign !== 'function') {
    const remedy = 'Give a function that signs, or a key.';
    return [{ option: `${option}.sign`, problem: 'It is no function.', remedy }];
  }
  if (key !== undefined) {
    const remedy = 'Leave one of them out.';
    return [{ option: `${option}.sign`, problem: 'It is there beside key.', remedy }];
  }
  if (typeof alg === 'string' && alg !== '' && alg.toLowerCase() !== 'none') return [];
  const problem = alg === undefined ? 'It is missing, and sign needs it.' : 'It signs nothing.';
  const remedy = "Name the algorithm that the function signs with, such as 'ES256'.";
  return [{ option: `${option}.alg`, problem, remedy }];
}

/** The algorithms of a private key; `undefined` for what is none. */
function algorithmsFor(key: unknown): readonly string[] | undefined {
  try {
    const parsed = privateKeyOf(key as PrivateKeyMaterial);
    return parsed.type === 'private' ? algorithmsOf(parsed) : undefined;
  } catch {
    // What the parser says may hold a part of the key: that it is none must do.
    return undefined;
  }
}

function isEncrypted(key: unknown): boolean {
  const isPem = typeof key === 'string' || Buffer.isBuffer(key);
  return isPem && /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(String(key));
}

const ENCRYPTED = {
  problem: 'It is encrypted.',
  remedy: 'Decrypt it: createPrivateKey({ key, passphrase }) of node:crypto makes a KeyObject.',
};

const noKey = (remedy: string) => ({ problem: 'It is no private key.', remedy });
