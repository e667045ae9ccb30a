import type * as Api from '@opentelemetry/api';
import type { Attributes, MeterProvider, Tracer } from '@opentelemetry/api';
import type { AskedAcquisition, Telemetry, ToldAcquisition } from '../pipeline/telemetry.js';
import { AcquisitionSpan } from './acquisition.span.js';
import { BoundedLabels } from './bounded-labels.js';
import { Instruments } from './instruments.js';
import { ATTRIBUTES, SCOPE } from './names.js';
import { quietly } from './quietly.js';

const MAX_CLIENTS = 200;
const MAX_TYPES = 100;
const MAX_GRANTS = 100;

/** Makes traces and metrics by OpenTelemetry, one for all applications of the process. */
export class OpenTelemetry implements Telemetry {
  readonly api: typeof Api;
  readonly #clients = new BoundedLabels(MAX_CLIENTS);
  /** A server's words; they may not crowd out the application's own. */
  readonly #types = new BoundedLabels(MAX_TYPES);
  readonly #grants = new BoundedLabels(MAX_GRANTS);
  #provider: MeterProvider;
  #instruments: Instruments;

  constructor(api: typeof Api) {
    this.api = api;
    this.#provider = api.metrics.getMeterProvider();
    this.#instruments = new Instruments(this.#provider, this.#clients);
  }

  /** The tracer of whoever is registered now. */
  get tracer(): Tracer {
    return this.api.trace.getTracer(SCOPE);
  }

  /** The instruments of whoever is registered now: an SDK may start late, or start again. */
  get instruments(): Instruments {
    const provider = this.api.metrics.getMeterProvider();
    if (provider !== this.#provider) {
      this.#provider = provider;
      this.#instruments = new Instruments(provider, this.#clients);
    }
    return this.#instruments;
  }

  client(name: string): void {
    this.#clients.of(name);
  }

  lookedUp(client: string, isAtHand: boolean): void {
    // Who is registered now is looked up where a token is not at hand: that costs more anyway.
    if (!isAtHand) quietly(() => this.instruments);
    this.#instruments.lookedUp(client, isAtHand);
  }

  replayed(client: string, status: number | undefined): void {
    quietly(() => {
      const outcome = status === undefined ? 'unanswered' : status === 401 ? 'refused' : 'accepted';
      this.instruments.replays.add(1, this.attributes(client, { outcome }));
    });
  }

  begin(asked: AskedAcquisition): ToldAcquisition {
    return new AcquisitionSpan(this, asked);
  }

  /** A client's name as metrics tell it apart. */
  label(client: string): string {
    return this.#clients.of(client);
  }

  /** The attributes of a measurement: few values each. */
  attributes(
    client: string,
    about: { outcome: string; errorType?: string | undefined; grantType?: string | undefined },
  ): Attributes {
    const { outcome, errorType, grantType } = about;
    return {
      [ATTRIBUTES.client]: this.label(client),
      [ATTRIBUTES.outcome]: outcome,
      ...(errorType !== undefined && { [ATTRIBUTES.errorType]: this.#types.of(errorType) }),
      ...(grantType !== undefined && { [ATTRIBUTES.grantType]: this.#grants.of(grantType) }),
    };
  }
}
