import type { Counter, Histogram, MeterProvider } from '@opentelemetry/api';
import type { BoundedLabels } from './bounded-labels.js';
import { ATTRIBUTES, METRICS, OTHER, SCOPE } from './names.js';

/** Those of the semantic conventions for HTTP, and what a slow server and a patient caller reach. */
const BOUNDARIES = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 30,
];

interface Lookups {
  hits: number;
  misses: number;
}

/** The instruments of one meter provider. */
export class Instruments {
  /** Token requests that were sent. */
  readonly requests: Counter;
  readonly acquisitionDuration: Histogram;
  readonly leaseDuration: Histogram;
  readonly replays: Counter;
  /** Counted in plain numbers and read when metrics are collected: a call costs next to nothing. */
  readonly #lookups = new Map<string, Lookups>();
  readonly #clients: BoundedLabels;
  readonly #others: Lookups = { hits: 0, misses: 0 };

  constructor(provider: MeterProvider, clients: BoundedLabels) {
    this.#clients = clients;
    const meter = provider.getMeter(SCOPE);
    const seconds = { unit: 's', advice: { explicitBucketBoundaries: BOUNDARIES } };
    this.requests = meter.createCounter(METRICS.requests, {
      unit: '{request}',
      description: 'Requests that were sent to token endpoints.',
    });
    this.acquisitionDuration = meter.createHistogram(METRICS.acquisitionDuration, {
      ...seconds,
      description: 'Duration of the acquisition of a token: fetch, refresh or exchange.',
    });
    this.leaseDuration = meter.createHistogram(METRICS.leaseDuration, {
      ...seconds,
      description: 'Duration of the wait for the one right to renew a token.',
    });
    this.replays = meter.createCounter(METRICS.replays, {
      unit: '{request}',
      description: 'API requests that were sent again, with another token, after a 401.',
    });
    meter
      .createObservableCounter(METRICS.lookups, {
        unit: '{lookup}',
        description: 'Calls that needed a token: one was at hand (hit), or not (miss).',
      })
      .addCallback((result) => {
        for (const [client, { hits, misses }] of [
          ...this.#lookups,
          [OTHER, this.#others],
        ] as const) {
          const observe = (count: number, cacheResult: string) => {
            const attributes = {
              [ATTRIBUTES.client]: client,
              [ATTRIBUTES.cacheResult]: cacheResult,
            };
            if (count > 0) result.observe(count, attributes);
          };
          observe(hits, 'hit');
          observe(misses, 'miss');
        }
      });
  }

  /** Counts a call that needed a token. */
  lookedUp(client: string, isAtHand: boolean): void {
    const lookups = this.#lookups.get(client) ?? this.#admitted(client);
    if (isAtHand) lookups.hits += 1;
    else lookups.misses += 1;
  }

  #admitted(client: string): Lookups {
    if (this.#clients.of(client) !== client) return this.#others;
    const lookups = { hits: 0, misses: 0 };
    this.#lookups.set(client, lookups);
    return lookups;
  }
}
