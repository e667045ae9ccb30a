import { createHash, randomBytes } from 'node:crypto';
import { Observable, ReplaySubject, share, takeUntil } from 'rxjs';
import { TokenStoreError } from '../errors/store.errors.js';
import type { TokenKey } from '../store/token-key.js';
import { Listening } from './postgres.listening.js';
import type { PostgresDatabase } from './postgres.database.js';
import type { QualifiedTable } from './postgres.options.js';
import { PayloadReader } from './postgres.key.js';
import { OwnWrites } from './postgres.own-writes.js';

/** How the connection proves itself. */
export interface Heartbeat {
  /** Milliseconds between two proofs. */
  readonly everyMs: number;
  /** Milliseconds that a proof, or connecting, may take. */
  readonly limitMs: number;
}

/**
 * The keys that change, by `LISTEN` on one connection for all who subscribe. The connection proves
 * that it hears: a notification is sent to it through the pool, and has to arrive. One that was
 * sent over the connection itself would arrive even behind PgBouncer in transaction mode, where
 * nothing else does.
 */
export class PostgresChangeFeed {
  /** The channel on which writes of this table are told. */
  readonly channel: string;
  /** Keys that changed; errors with a `TokenStoreError` when the connection is lost. */
  readonly changes$: Observable<TokenKey>;
  /** What this process writes itself. */
  readonly ownWrites = new OwnWrites();
  readonly #database: PostgresDatabase;
  readonly #heartbeat: Heartbeat;
  readonly #notify: string;
  readonly #closed = new ReplaySubject<void>(1);
  readonly #open = new Set<Promise<void>>();

  /** @param notify - The statement that notifies: 1 channel, 2 payload. */
  constructor(
    database: PostgresDatabase,
    { schema, table }: QualifiedTable,
    heartbeat: Heartbeat,
    notify: string,
  ) {
    this.#database = database;
    this.#heartbeat = heartbeat;
    this.#notify = notify;
    const id = createHash('sha256')
      .update(JSON.stringify([schema, table]))
      .digest('hex');
    this.channel = `oauth_client_${id.slice(0, 24)}`;
    this.changes$ = new Observable<TokenKey>((subscriber) => {
      const stop = new AbortController();
      const open = this.#follow(stop.signal, (key) => subscriber.next(key)).then(
        () => subscriber.complete(),
        (cause: unknown) => subscriber.error(feedLost(cause)),
      );
      this.#open.add(open);
      void open.then(() => this.#open.delete(open));
      return () => stop.abort();
    }).pipe(takeUntil(this.#closed), share());
  }

  /** Completes the feed, and resolves once its connection has ended. */
  async close(): Promise<void> {
    this.#closed.next();
    await Promise.all(this.#open);
  }

  async #follow(stop: AbortSignal, heard: (key: TokenKey) => void): Promise<void> {
    const { everyMs, limitMs } = this.#heartbeat;
    const own = `${this.channel}_${randomBytes(6).toString('hex')}`;
    const reader = new PayloadReader();
    const told = (beat: string) => this.#database.run(this.#notify, [own, beat], {}, limitMs);
    const client = await this.#database.newClient();
    if (stop.aborted) return;
    const listening = new Listening(client, stop);
    let disconnected: () => void = () => undefined;
    try {
      const beats = new Set<string>();
      await listening.start([this.channel, own], limitMs, (channel, payload) => {
        if (channel === own) return void beats.add(payload);
        const change = reader.read(payload);
        if (change && this.ownWrites.isNews(change.write)) heard(change.key);
      });
      disconnected = this.ownWrites.connected(heard);
      while (!stop.aborted) {
        const beat = randomBytes(6).toString('hex');
        await listening.within(limitMs, told(beat));
        await listening.until(limitMs, () => beats.delete(beat));
        await listening.pause(everyMs);
      }
    } catch (cause) {
      if (!stop.aborted) throw cause;
    } finally {
      disconnected();
      await listening.end();
    }
  }
}

function feedLost(cause: unknown): TokenStoreError {
  return new TokenStoreError({
    problem: 'The change feed of the Postgres token store is lost.',
    remedy:
      'It is connected again; if that goes on, connect past PgBouncer, or to it in session mode.',
    cause,
  });
}
