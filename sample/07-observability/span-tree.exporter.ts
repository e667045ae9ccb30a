import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { counted, print } from './print.js';

/** The attributes that are shown, and what they are called here for short. */
const SHOWN = {
  'oauth.acquisition.reason': 'reason',
  'oauth.grant.type': 'grant',
  'oauth.attempts': 'attempts',
  'http.response.status_code': 'status',
  'oauth.outcome': 'outcome',
  'error.type': 'error',
};

/** Prints spans as trees, without times and ids: what is printed is the same each time. */
export class SpanTreeExporter implements SpanExporter {
  #spans: ReadableSpan[] = [];

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#spans.push(...spans);
    done({ code: 0 }); // SUCCESS
  }

  /** Prints the spans that have ended since this was last called. */
  print(): void {
    const spans = this.#spans.sort((one, other) => startOf(one) - startOf(other));
    this.#spans = [];
    const nameOf = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));

    const tree = (span: ReadableSpan, indent: string): string => {
      const name = `${indent}${span.name}`.padEnd(23);
      const children = spans.filter(
        ({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId,
      );
      const links = counted(
        span.links.map(({ context }) => nameOf.get(context.spanId) ?? 'a span'),
      );
      return [
        `${name}${aboutOf(span)}`.trimEnd(),
        ...children.map((child) => tree(child, `${indent}  `)),
        ...links.map((link) => `${indent}  ⇠ linked to ${link}`),
      ].join('\n');
    };

    // Traces that look alike are shown once.
    const roots = spans.filter(({ parentSpanContext }) => !parentSpanContext);
    for (const trace of counted(roots.map((root) => tree(root, '')))) print('trace', trace);
  }

  async shutdown(): Promise<void> {}
}

function aboutOf({ attributes }: ReadableSpan): string {
  return Object.entries(SHOWN)
    .filter(([name]) => attributes[name] !== undefined)
    .map(([name, short]) => `${short}=${String(attributes[name])}`)
    .join(' ');
}

function startOf({ startTime: [seconds, nanoseconds] }: ReadableSpan): number {
  return seconds * 1e9 + nanoseconds;
}
