import { AsyncLocalStorage } from 'node:async_hooks';
import { ReentrantTokenRequestError } from '../errors/configuration.errors.js';
import type { GrantBinding } from './grant-binding.js';

interface Frame {
  readonly scope: Reentrancy;
  readonly id: string;
  /** What the hook or handler is part of. */
  readonly kind: 'token' | 'request';
  readonly outer: Frame | undefined;
}

const frames = new AsyncLocalStorage<Frame>();

/**
 * Knows which token's hooks are running in the present async context, so that a hook that asks for
 * that very token gets an error instead of waiting for itself. Entered for hooks, handlers and
 * interceptors alone: Node before 24 makes every promise of the process dearer once it is entered.
 */
export class Reentrancy {
  /** Runs a hook or handler that belongs to the acquisition of a token. */
  within<T>(
    binding: Pick<GrantBinding, 'client' | 'subject'>,
    work: () => T,
    kind: Frame['kind'] = 'token',
  ): T {
    const frame = { scope: this, id: grantId(binding), kind, outer: frames.getStore() };
    return frames.run(frame, work);
  }

  /**
   * Throws when the present code is a hook of what is asked for: the acquisition of a token, or,
   * for a `request`, another request that the same hook would see.
   */
  refuse(binding: GrantBinding, kind?: Frame['kind']): void {
    const id = grantId(binding);
    for (let frame = frames.getStore(); frame; frame = frame.outer) {
      if (frame.scope !== this || frame.id !== id) continue;
      if (kind !== undefined && frame.kind !== kind) continue;
      throw new ReentrantTokenRequestError({
        client: binding.client,
        subject: binding.subject,
        problem: 'A hook or handler asked for what it is itself a part of.',
        remedy: 'Send that request with oauth: { withholdToken: true }, or use another client.',
      });
    }
  }
}

/** Variants are renewed under their grant's lease, so they count as the grant. */
function grantId(binding: Pick<GrantBinding, 'client' | 'subject'>): string {
  return `${binding.client.length}:${binding.client}${binding.subject}`;
}
