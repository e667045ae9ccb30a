import { Logger } from '@nestjs/common';
import { boundedCache } from './store/bounded-cache.js';
import {
  cleaned,
  fieldsOf,
  levelOf,
  sentenceOf,
  type EventLevel,
} from './oauth-client.event-lines.js';
import { LogThrottle, LOG_WINDOW_MS } from './oauth-client.log-throttle.js';
import { fingerprint } from './protocol/fingerprint.js';
import type { TokenEvent } from './protocol/token-event.js';

const MAX_TOLD = 1_000;
const SECONDS = LOG_WINDOW_MS / 1000;

/** What the log lines of events hold. */
export interface EventLoggingOptions {
  /**
   * Whether lines name the subject. A log is kept longer, and read by more people, than the place
   * where users are kept, and a subject may be an e-mail address: it is personal data that nobody
   * should find there unless somebody has decided so.
   *
   * @defaultValue false
   */
  subjects?: boolean;
}

/**
 * One line for each event: a sentence, and the event's fields as one object, which Nest's logger
 * shows behind the sentence, or as `params` where it writes JSON. Of warnings and errors of one kind
 * (client, type and error), one in ten seconds, and how many were left out.
 */
export class EventLog {
  readonly #logger = new Logger('OAuthClient');
  readonly #subjects: boolean;
  readonly #throttle = new LogThrottle((left) =>
    this.#write('warn', `${left} more events of other kinds in ${SECONDS} s.`, { left }),
  );
  /** Differences of scope come up with each user and renewal, and are told once. */
  readonly #scopes = boundedCache<true>(MAX_TOLD);

  constructor({ subjects = false }: EventLoggingOptions) {
    this.#subjects = subjects;
  }

  /** Writes the line of an event, unless one like it was just written. */
  write(event: TokenEvent): void {
    const level = levelOf(event);
    if (level !== 'debug' && !this.#isNew(event, level)) return;
    this.#write(level, sentenceOf(event), fieldsOf(event, this.#subjects));
  }

  /** Writes what is still to be said. */
  end(): void {
    this.#throttle.end();
  }

  #isNew(event: TokenEvent, level: EventLevel): boolean {
    const { client, type, error, final, reason, missing, additional } = event;
    if (type !== 'scope_changed') return this.#admits(event, level, { error, final, reason });
    // As short as it is safe: servers may grant scopes of any length.
    const id = fingerprint(JSON.stringify([client, missing, additional]));
    // Some servers grant each user, or each time, a scope of its own: those are of one kind.
    if (this.#scopes.has(id) || !this.#admits(event, level, {})) return false;
    this.#scopes.set(id, true);
    return true;
  }

  #admits(event: TokenEvent, level: EventLevel, about: Partial<TokenEvent>): boolean {
    const { client, type } = event;
    const kind = { type, client, ...about };
    return this.#throttle.admits(JSON.stringify(kind), (left) => {
      const sentence = `${sentenceOf(event)} And ${left} more like it within ${SECONDS} s.`;
      this.#write(level, sentence, { ...cleaned({ event: type, client, ...about }), left });
    });
  }

  #write(level: EventLevel, sentence: string, fields: object): void {
    try {
      this.#logger[level](sentence, fields);
    } catch {
      // A logger that fails must not cost anybody a token.
    }
  }
}
