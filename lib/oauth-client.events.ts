import { Logger } from '@nestjs/common';
import type { ExtensionExplorer } from './compliance/extension.explorer.js';
import type { TokenEventObserver } from './compliance/token-event.observers.js';
import { safeCause } from './errors/safe-cause.js';
import { EventLog, type EventLoggingOptions } from './oauth-client.event-log.js';
import { LogThrottle } from './oauth-client.log-throttle.js';
import type { SharedParts } from './pipeline/client-parts.js';
import { TokenEventBus } from './pipeline/token-events.js';

const logger = new Logger('OAuthClient');

/** So many calls of one handler are under way at most: of one that hangs, each is kept for ever. */
const MAX_UNDER_WAY = 10_000;

/** The events of one application; what an observer of one of its streams throws is logged. */
export function eventBus(): TokenEventBus {
  const faults = new LogThrottle((left) => say(`${left} more observers failed.`));
  const bus = new TokenEventBus((stream, fault) => {
    const summary = (left: number) => say(`${left} more observers of ${stream} failed alike.`);
    const { name, message } = safeCause(fault);
    if (faults.admits(`${stream} ${name} ${message}`, summary)) {
      logFault(`An observer of ${stream}`, fault);
    }
  });
  bus.events$.subscribe({ complete: () => faults.end() });
  return bus;
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
  const faults = new LogThrottle((left) => say(`${left} more handlers of events failed.`));
  const underWay = new Map<TokenEventObserver, number>();
  events.events$.subscribe({
    next: (event) => {
      refresh(extensions);
      for (const observer of extensions.observers.of(event.type)) {
        const { name, hear } = observer;
        const count = underWay.get(observer) ?? 0;
        if (count >= MAX_UNDER_WAY) {
          const summary = (left: number) => say(`The handler ${name} has missed ${left} more.`);
          if (faults.admits(`${name} hangs`, summary)) say(tooMany(name, event.type));
          continue;
        }
        underWay.set(observer, count + 1);
        // In a turn of its own: what takes long, or throws, is no part of the renewal.
        const heard = work.run(`handler ${name} of the event ${event.type}`, () =>
          Promise.resolve().then(() => hear(event)),
        );
        const failed = (fault: unknown) => {
          const summary = (left: number) => say(`The handler ${name} failed ${left} more times.`);
          if (faults.admits(name, summary)) logFault(`The handler ${name} of ${event.type}`, fault);
        };
        const done = () => void underWay.set(observer, underWay.get(observer)! - 1);
        void heard.catch(failed).finally(done);
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
  say(`${who} failed: ${name}: ${message}`, fault instanceof Error ? framesOf(fault) : undefined);
}

/** Writes a line; some are written by a timer, where what is thrown would end the process. */
function say(text: string, stack?: string): void {
  try {
    logger.error(text, ...(stack === undefined ? [] : [stack]));
  } catch {
    // A logger that fails must not cost anybody a token.
  }
}

function tooMany(name: string, type: string): string {
  return `The handler ${name} has ${MAX_UNDER_WAY} calls that do not end, and is not told of ${type}.`;
}

/** The places in the code alone: the first lines of a stack repeat the message. */
function framesOf({ stack = '' }: Error): string | undefined {
  const frames = stack.split('\n').filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
  return frames.length > 0 ? ['Stack:', ...frames].join('\n') : undefined;
}
