import { context, metrics, trace, type Attributes, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

/** A real OpenTelemetry SDK whose exporters keep in memory what they are given. */
export interface Observed {
  /** The application's own tracer. */
  readonly tracer: Tracer;
  /** The spans that have ended, in the order in which they did; of one name, where it is given. */
  spans(name?: string): ReadableSpan[];
  /** The measurements of one metric so far: each with its attributes. */
  measurements(metric: string): Promise<Measurement[]>;
  /** Everything that was exported, for a search. */
  everything(): Promise<unknown>;
}

/** One measurement; the value of a histogram is how many were recorded. */
export interface Measurement {
  readonly attributes: Attributes;
  readonly value: number;
}

/** Registers an SDK in this process until the test ends. */
export function startOpenTelemetry(): Observed {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spanExporter)],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  onTestFinished(async () => {
    trace.disable();
    metrics.disable();
    context.disable();
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  });
  const collected = async () => {
    metricExporter.reset();
    await reader.forceFlush();
    return metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  };
  return {
    tracer: tracerProvider.getTracer('application'),
    spans: (name) =>
      spanExporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    measurements: async (metric) =>
      (await collected())
        .flatMap((scope) => scope.metrics)
        .filter(({ descriptor }) => descriptor.name === metric)
        .flatMap(({ dataPoints }) => [...dataPoints] as DataPoint<number | Histogram>[])
        .map(({ attributes, value }) => ({
          attributes,
          value: typeof value === 'number' ? value : value.count,
        })),
    everything: async () => ({
      spans: spanExporter
        .getFinishedSpans()
        .map(({ name, kind, status, attributes, links, events }) => ({
          ...{ name, kind, status, attributes, links, events },
        })),
      metrics: await collected(),
    }),
  };
}
