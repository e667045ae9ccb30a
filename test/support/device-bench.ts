import type { DeviceAuthorization, OAuthClientOptions, OAuthSession } from 'nestjs-oauth-client';
import type { FakeAuthorizationServerOptions } from 'nestjs-oauth-client/testing';
import { onTestFinished, vi } from 'vitest';
import { RenewalBench } from './renewal-bench.js';

export type Pending = DeviceAuthorization & { status: 'pending' };

/** A device authorization that was begun. */
export interface BegunDevice {
  readonly pending: Pending;
  /** The last step, or the error. */
  readonly end: Promise<DeviceAuthorization>;
  readonly heard: DeviceAuthorization[];
  /** Nobody listens any more. */
  readonly stop: () => void;
}

/** A client of the device grant whose pauses between two questions pass when a test says so. */
export class DeviceBench {
  private constructor(
    readonly bench: RenewalBench,
    readonly alice: OAuthSession,
  ) {}

  static async start(
    policy: FakeAuthorizationServerOptions = {},
    client: Partial<OAuthClientOptions> = {},
  ): Promise<DeviceBench> {
    const bench = await RenewalBench.start({ deviceIntervalSeconds: 5, ...policy });
    const { deviceAuthorizationEndpoint } = bench.server;
    const options = { grant: 'device_code', deviceAuthorizationEndpoint, scope: ['read'] } as const;
    const alice = await bench.user({ ...options, ...client }, { token: false });
    // The pauses between two questions alone: everything else keeps to real time.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    return new DeviceBench(bench, alice);
  }

  get server(): RenewalBench['server'] {
    return this.bench.server;
  }

  /** How often the token endpoint was asked. */
  get questions(): number {
    return this.server.journal.count('token');
  }

  /** Lets so many seconds pass, here and at the server. */
  async pass(seconds: number): Promise<void> {
    this.bench.clock.advance(seconds);
    await vi.advanceTimersByTimeAsync(seconds * 1000);
  }

  /** As {@link pass}; resolves when the question that is due then was answered. */
  async passAndAsk(seconds: number): Promise<void> {
    const before = this.questions;
    await this.pass(seconds);
    await vi.waitFor(() => this.#demandQuestions(before + 1));
    await this.server.idle();
    await this.#heard();
  }

  /** Asserts that the next question comes after so many seconds, and no sooner. */
  async expectQuestionAfter(seconds: number): Promise<void> {
    const before = this.questions;
    await this.pass(seconds - 1);
    await this.#heard();
    this.#demandQuestions(before);
    await this.passAndAsk(1);
  }

  /** Begins, and returns what the user is shown together with what comes of it. */
  async begin(session = this.alice): Promise<BegunDevice> {
    const heard: DeviceAuthorization[] = [];
    let shown: (pending: Pending) => void;
    let stop = () => undefined as void;
    const pending = new Promise<Pending>((resolve) => (shown = resolve));
    const end = new Promise<DeviceAuthorization>((resolve, reject) => {
      const subscription = session.authorizeDevice$().subscribe({
        next: (step) => {
          heard.push(step);
          if (step.status === 'pending') shown(step);
        },
        complete: () => resolve(heard.at(-1)!),
        error: reject,
      });
      stop = () => subscription.unsubscribe();
    });
    end.catch(() => undefined);
    return { pending: await pending, end, heard, stop };
  }

  #demandQuestions(count: number): void {
    if (this.questions === count) return;
    throw new Error(`The token endpoint was asked ${this.questions} times instead of ${count}`);
  }

  /** The answer is on its way still: gives it the turns it needs to be heard. */
  async #heard(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
