import type { Context, Span, SpanOptions } from '@opentelemetry/api';
import type { Ending, ToldStep } from '../pipeline/telemetry.js';
import { ATTRIBUTES } from './names.js';
import type { OpenTelemetry } from './opentelemetry.js';
import { quietly } from './quietly.js';

/** How something ended, and how long it took. */
export type Measure = (ending: Ending, seconds: number) => void;

/** One span of ours; where it cannot be made, what it would show goes on without it. */
export class StepSpan implements ToldStep {
  /** What begins in here is part of the span. */
  readonly context: Context;
  protected readonly telemetry: OpenTelemetry;
  protected readonly span: Span | undefined;
  readonly #startedAt = performance.now();
  readonly #measure: Measure;
  #hasEnded = false;

  constructor(
    telemetry: OpenTelemetry,
    parent: Context,
    { name, ...options }: SpanOptions & { name: string },
    measure: Measure = () => undefined,
  ) {
    this.telemetry = telemetry;
    this.#measure = measure;
    let span: Span | undefined;
    quietly(() => (span = telemetry.tracer.startSpan(name, options, parent)));
    this.span = span;
    this.context = span ? telemetry.api.trace.setSpan(parent, span) : parent;
  }

  /** Whether there is nothing to add any more. */
  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  within<T>(work: () => T): T {
    return this.telemetry.api.context.with(this.context, work);
  }

  ended(ending: Ending): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    // Measured in the span's context: exemplars lead from the metric to the trace.
    quietly(() => this.within(() => this.#measure(ending, seconds)));
    quietly(() => this.#end(ending));
  }

  #end({ outcome, errorType, message, status }: Ending): void {
    const { span, telemetry } = this;
    if (!span) return;
    span.setAttribute(ATTRIBUTES.outcome, outcome);
    if (status !== undefined) span.setAttribute(ATTRIBUTES.status, status);
    if (errorType !== undefined) {
      span.setAttribute(ATTRIBUTES.errorType, errorType);
      const { ERROR: code } = telemetry.api.SpanStatusCode;
      span.setStatus({ code, ...(message !== undefined && { message }) });
    }
    span.end();
  }
}
