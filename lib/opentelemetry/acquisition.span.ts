import type { Link } from '@opentelemetry/api';
import type {
  AskedAcquisition,
  Ending,
  ToldAcquisition,
  ToldRequest,
  ToldStep,
} from '../pipeline/telemetry.js';
import { ATTRIBUTES } from './names.js';
import type { OpenTelemetry } from './opentelemetry.js';
import { quietly } from './quietly.js';
import { RequestSpan } from './request.span.js';
import { StepSpan } from './step.span.js';

/** An SDK keeps 128 links unless it is told otherwise, and drops the oldest: who asked first. */
const MAX_LINKS = 128;

/**
 * The span of one acquisition: a root, since it belongs to all who wait for it; linked to the span
 * of each of them.
 */
export class AcquisitionSpan extends StepSpan implements ToldAcquisition {
  readonly #client: string;
  readonly #askers: Set<string>;
  #requests = 0;
  #grantType: string | undefined;
  #brought: 'fetched' | 'refreshed' | undefined;

  constructor(telemetry: OpenTelemetry, { client, reason, isVariant }: AskedAcquisition) {
    const { api } = telemetry;
    const asker = askerOf(telemetry);
    super(
      telemetry,
      api.ROOT_CONTEXT,
      {
        name: `acquire_token ${telemetry.label(client)}`,
        kind: api.SpanKind.INTERNAL,
        root: true,
        links: asker ? [asker] : [],
        attributes: {
          [ATTRIBUTES.client]: client,
          [ATTRIBUTES.reason]: reason,
          [ATTRIBUTES.variant]: isVariant,
        },
      },
      ({ outcome, errorType }, seconds) =>
        telemetry.instruments.acquisitionDuration.record(
          seconds,
          telemetry.attributes(client, { outcome, errorType, grantType: this.#grantType }),
        ),
    );
    this.#client = client;
    this.#askers = new Set(asker && [idOf(asker)]);
  }

  joined(): void {
    const { telemetry } = this;
    if (this.#askers.size >= MAX_LINKS || this.hasEnded) return;
    quietly(() => {
      const asker = askerOf(telemetry);
      if (!asker || this.#askers.has(idOf(asker))) return;
      this.#askers.add(idOf(asker));
      // Older than 1.9 of the API has no links after the beginning.
      this.span?.addLink?.(asker);
    });
  }

  brought(what: 'fetched' | 'refreshed'): void {
    this.#brought = what;
  }

  queued(forMs: number): void {
    quietly(() => this.span?.addEvent('queued', { [ATTRIBUTES.queueSeconds]: forMs / 1000 }));
  }

  overtaken(): void {
    quietly(() => this.span?.addEvent('overtaken'));
  }

  step(name: 'lease' | 'commit'): ToldStep {
    const { telemetry } = this;
    const client = this.#client;
    const options = { name, attributes: { [ATTRIBUTES.client]: client } };
    if (name === 'commit') return new StepSpan(telemetry, this.context, options);
    return new StepSpan(telemetry, this.context, options, ({ outcome, errorType }, seconds) =>
      telemetry.instruments.leaseDuration.record(
        seconds,
        telemetry.attributes(client, { outcome, errorType }),
      ),
    );
  }

  request(grantType: string): ToldRequest {
    const { telemetry, context } = this;
    this.#grantType = grantType;
    const asked = { client: this.#client, grantType, begun: () => (this.#requests += 1) };
    return new RequestSpan(telemetry, context, asked);
  }

  override ended(ending: Ending): void {
    if (this.hasEnded) return;
    quietly(() => {
      this.span?.setAttribute(ATTRIBUTES.attempts, this.#requests);
      if (this.#grantType) this.span?.setAttribute(ATTRIBUTES.grantType, this.#grantType);
    });
    const isOurs = ending.errorType === undefined && this.#brought !== undefined;
    super.ended(isOurs ? { ...ending, outcome: this.#brought! } : ending);
  }
}

/** A link to the span in which somebody asks for the token. */
function askerOf({ api: { context, trace, isSpanContextValid } }: OpenTelemetry): Link | undefined {
  let link: Link | undefined;
  quietly(() => {
    const asker = trace.getSpanContext(context.active());
    if (asker && isSpanContextValid(asker)) link = { context: asker };
  });
  return link;
}

function idOf({ context: { traceId, spanId } }: Link): string {
  return `${traceId}-${spanId}`;
}
