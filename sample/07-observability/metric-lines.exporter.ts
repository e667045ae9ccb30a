import type { Attributes } from '@opentelemetry/api';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { print } from './print.js';

const ORDER = [
  'oauth.client.name',
  'oauth.grant.type',
  'oauth.outcome',
  'oauth.cache.result',
  'error.type',
];

/** Prints each metric and its values by their attributes; of durations, how many were measured. */
export class MetricLinesExporter implements PushMetricExporter {
  export(
    { scopeMetrics }: ResourceMetrics,
    done: Parameters<PushMetricExporter['export']>[1],
  ): void {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const lines = dataPoints.map(({ attributes, value }) => {
        const count = typeof value === 'number' ? value : value.count;
        return `  ${named(attributes).padEnd(50)}${count}`;
      });
      print('metric', [descriptor.name, ...lines.sort()].join('\n'));
    }
    done({ code: 0 }); // SUCCESS
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

function named(attributes: Attributes): string {
  return ORDER.flatMap((name) => attributes[name] ?? []).join('  ');
}
