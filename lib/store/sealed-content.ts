import { createHmac } from 'node:crypto';
import { externalText } from '../errors/external-text.js';
import { jsonOf, open, parseJwe, seal } from './compact-jwe.js';
import type { KeyRing, RingKey } from './key-ring.js';
import { SealingProblem } from './sealing-problem.js';

/** What a content belongs to: a purpose, and the parts that name its place. */
export type Binding = readonly (string | undefined)[];

/** Contents as compact JWEs, each bound to its place: opened anywhere else it is an error. */
export class SealedContent {
  readonly ring: KeyRing;

  constructor(ring: KeyRing) {
    this.ring = ring;
  }

  /** Encrypts a text with the newest key. */
  async seal(text: string, binding: Binding): Promise<string> {
    const { kid, key, bindKey } = await this.ring.newest();
    return seal(text, { kid, bind: hashOf(binding, bindKey) }, key);
  }

  /** What was encrypted for this place, and whether with the newest key. */
  async open(jwe: string, binding: Binding): Promise<{ content: unknown; isNewest: boolean }> {
    const parsed = parseJwe(jwe);
    const { kid, bind } = parsed?.header ?? {};
    if (!parsed || typeof kid !== 'string') {
      throw new SealingProblem(
        'What is stored is no JWE of this library, or was tampered with.',
        'Nothing was deleted: put back what was written, or clear it and connect again.',
      );
    }
    const ringKey = await this.#keyNamed(kid);
    const text = open(parsed, ringKey.key);
    if (text === undefined) {
      throw new SealingProblem(
        `What is stored was tampered with, or is encrypted with another key named "${externalText(kid)}".`,
        'Nothing was deleted: check the key ring, or clear the token and connect again.',
      );
    }
    if (bind !== hashOf(binding, ringKey.bindKey)) {
      throw new SealingProblem(
        'What is stored was written for another client, subject, variant or version: records were swapped, or an older one was put back.',
        'Nothing was deleted: find out who writes to the store, then clear the token and connect again.',
      );
    }
    const { kid: newest } = await this.ring.newest();
    return { content: jsonOf(text), isNewest: kid === newest };
  }

  async #keyNamed(kid: string): Promise<RingKey> {
    const key = await this.ring.find(kid);
    if (key) return key;
    throw new SealingProblem(
      `What is stored is encrypted with a key named "${externalText(kid)}", which is not in the key ring.`,
      'Nothing was deleted: add that key to the ring, after the newest.',
    );
  }
}

function hashOf(binding: Binding, key: RingKey['bindKey']): string {
  // As JSON different places have different bytes, whatever their parts hold.
  return createHmac('sha256', key).update(JSON.stringify(binding)).digest('base64url');
}
