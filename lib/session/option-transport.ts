import { materialProblem } from '../pipeline/tls-material.js';
import type { TransportOptions } from '../pipeline/transport.js';
import { OPTION_NAMES } from './option-names.js';
import { isObject, nestedProblems, numberProblems, type OptionProblem } from './option-values.js';

const MATERIAL = ['ca', 'cert', 'key'] as const;

/** Mistakes in how to connect, wherever it is said: for the module, a client or a single call. */
export function transportProblems(transport: TransportOptions | undefined): OptionProblem[] {
  if (transport === undefined) return [];
  const problems = [
    ...nestedProblems('transport', transport, OPTION_NAMES.transport),
    ...numberProblems('transport', { timeout: transport?.timeout }),
  ];
  const { proxy, passphrase, lookup }: Partial<Record<keyof TransportOptions, unknown>> =
    transport ?? {};
  const host = isObject(proxy) ? (proxy as { host?: unknown }).host : undefined;
  if (proxy !== undefined && proxy !== false && (typeof host !== 'string' || host === '')) {
    const remedy = "Write { protocol: 'http', host: …, port: … }, or false for none.";
    problems.push({ option: 'transport.proxy', problem: 'It names no host.', remedy });
  }
  if (lookup !== undefined && typeof lookup !== 'function') {
    const remedy = 'Give a function such as dns.lookup, or leave it out.';
    problems.push({ option: 'transport.lookup', problem: 'It is no function.', remedy });
  }
  const isText = passphrase === undefined || typeof passphrase === 'string';
  if (!isText) {
    const remedy = 'Give the text that the key is encrypted with, or leave it out.';
    problems.push({ option: 'transport.passphrase', problem: 'It is no text.', remedy });
  }
  const mistyped = typeProblems(transport);
  const isUsed = isText && mistyped.length === 0 && transport?.httpsAgent === undefined;
  return [...problems, ...mistyped, ...(isUsed ? unread(transport) : [])];
}

/** Parts that exclude each other, or are of no use alone: judged with what a client inherits. */
export function pairProblems(transport: TransportOptions | undefined): OptionProblem[] {
  const { httpsAgent, ca, cert, key, passphrase } = transport ?? {};
  if (httpsAgent && (ca ?? cert ?? key ?? passphrase) !== undefined) {
    const remedy = 'Give ca, cert and key to the agent, or leave the agent out.';
    return [{ option: 'transport.httpsAgent', problem: 'It excludes ca, cert, key.', remedy }];
  }
  if ((cert === undefined) === (key === undefined)) return [];
  const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  const remedy = `Set transport.${missing}, too, or leave both out.`;
  return [{ option: `transport.${there}`, problem: `It is there without ${missing}.`, remedy }];
}

/** Certificates and keys that are neither text, bytes nor a function that gives them. */
function typeProblems(transport: TransportOptions | undefined): OptionProblem[] {
  return MATERIAL.flatMap((name): OptionProblem[] => {
    const material: unknown = transport?.[name];
    const isList = name === 'ca' && Array.isArray(material) && Array.from(material).every(isPem);
    if (material === undefined || typeof material === 'function' || isList || isPem(material)) {
      return [];
    }
    const remedy = 'Give text or bytes in PEM, or a function that does.';
    return [{ option: `transport.${name}`, problem: 'It is no such thing.', remedy }];
  });
}

function isPem(material: unknown): boolean {
  return (typeof material === 'string' && material !== '') || Buffer.isBuffer(material);
}

/** What cannot be read of the certificates and keys that are there; functions are asked later. */
function unread(transport: TransportOptions | undefined): OptionProblem[] {
  const here = Object.entries({ ...transport }).filter(([, value]) => typeof value !== 'function');
  const mistake = materialProblem(Object.fromEntries(here));
  if (!mistake) return [];
  const remedy = 'Give the content of the PEM file, whole and with its line breaks.';
  return [{ option: `transport.${mistake.name}`, problem: mistake.problem, remedy }];
}
