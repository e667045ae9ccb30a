import { Logger } from '@nestjs/common';
import type { ExtensionExplorer } from './compliance/extension.explorer.js';
import { safeCause } from './errors/safe-cause.js';
import { EventLog, type EventLoggingOptions } from './oauth-client.event-log.js';
import { LogThrottle } from './oauth-client.log-throttle.js';
import type { SharedParts } from './pipeline/client-parts.js';
import { TokenEventBus } from './pipeline/token-events.js';

const logger = new Logger('OAuthClient');

/** The events of one application; what an observer of one of its streams throws is logged. */
export function eventBus(): TokenEventBus {
  return new TokenEventBus((stream, fault) => logFault(`An observer of ${stream}`, fault));
}

/** Writes the log line of each event, and tells the providers that want to hear of it. */
export function watchEvents(
  { events, work }: Pick<SharedParts, 'events' | 'work'>,
  extensions: ExtensionExplorer,
  logging: false | EventLoggingOptions = {},
): void {
  if (logging !== false) {
    const log = new EventLog(logging);
    events.events$.subscribe({ next: (event) => log.write(event), complete: () => log.end() });
  }
  const faults = new LogThrottle((left) => logger.error(`${left} more handlers of events failed.`));
  events.events$.subscribe({
    next: (event) => {
      refresh(extensions);
      for (const { name, hear } of extensions.observers.of(event.type)) {
        // In a turn of its own: what takes long, or throws, is no part of the renewal.
        const heard = work.run(`handler ${name} of the event ${event.type}`, () =>
          Promise.resolve().then(() => hear(event)),
        );
        heard.catch((fault: unknown) => {
          const summary = (left: number) =>
            logger.error(`The handler ${name} failed ${left} more times.`);
          if (faults.admits(name, summary)) logFault(`The handler ${name} of ${event.type}`, fault);
        });
      }
    },
    complete: () => faults.end(),
  });
}

/** Who hears of events may have come with a module that was loaded since. */
function refresh(extensions: ExtensionExplorer): void {
  try {
    extensions.refresh();
  } catch {
    // A provider that cannot hear of anything: the next call that needs a token is told so.
  }
}

/** What is said of an error that is not ours: where it came from, and no more than is harmless. */
function logFault(who: string, fault: unknown): void {
  const { name, message } = safeCause(fault);
  const stack = fault instanceof Error ? framesOf(fault) : undefined;
  try {
    logger.error(`${who} failed: ${name}: ${message}`, stack);
  } catch {
    // A logger that fails must not cost anybody a token.
  }
}

/** The places in the code alone: the first lines of a stack repeat the message. */
function framesOf({ stack = '' }: Error): string | undefined {
  const frames = stack.split('\n').filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
  return frames.length > 0 ? ['Stack:', ...frames].join('\n') : undefined;
}
