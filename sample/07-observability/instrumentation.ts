import { metrics } from '@opentelemetry/api';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { MetricLinesExporter } from './metric-lines.exporter.js';
import { SpanTreeExporter } from './span-tree.exporter.js';

// The SDK, as any application starts it, and before all else. The module finds it by itself.
// Yours sends to a collector: OTLPTraceExporter, OTLPMetricExporter and a BatchSpanProcessor.
export const traces = new SpanTreeExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(traces)] }).register();

export const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new MetricLinesExporter() })],
});
metrics.setGlobalMeterProvider(meterProvider);
