import { AsyncLocalStorage } from 'node:async_hooks';
import { ReentrantTokenRequestError } from '../errors/configuration.errors.js';
import type { GrantBinding } from './grant-binding.js';

interface Frame {
  readonly scope: Reentrancy;
  readonly id: string;
  readonly outer: Frame | undefined;
}

const frames = new AsyncLocalStorage<Frame>();

/**
 * Knows which token's hooks are running in the present async context, so that a hook that asks for
 * that very token gets an error instead of waiting for itself. Entered for hooks and handlers
 * alone: requests without them pay nothing.
 */
export class Reentrancy {
  /** Runs a hook or handler that belongs to the acquisition of a token. */
  within<T>(binding: Pick<GrantBinding, 'client' | 'subject'>, work: () => T): T {
    return frames.run({ scope: this, id: grantId(binding), outer: frames.getStore() }, work);
  }

  /** Throws when the present code is a hook of the acquisition that is asked for. */
  refuse(binding: GrantBinding): void {
    const id = grantId(binding);
    for (let frame = frames.getStore(); frame; frame = frame.outer) {
      if (frame.scope !== this || frame.id !== id) continue;
      throw new ReentrantTokenRequestError({
        client: binding.client,
        subject: binding.subject,
        problem: 'A hook or handler asked for the token that is just being acquired.',
        remedy: 'Send that request with oauth: { withholdToken: true }, or use another client.',
      });
    }
  }
}

/** Variants are renewed under their grant's lease, so they count as the grant. */
function grantId(binding: Pick<GrantBinding, 'client' | 'subject'>): string {
  return `${binding.client.length}:${binding.client}${binding.subject}`;
}
