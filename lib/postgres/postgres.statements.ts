import type { QualifiedTable } from './postgres.options.js';

/** How many keys are listed at a time. */
export const PAGE = 500;
/** How many rows a write takes along that nobody can use any more. */
const PURGED_PER_WRITE = 8;
/** A row whose lease has ended lately may still be committed. */
const LATE_COMMIT = `interval '1 hour'`;
/** So many leases are told apart; more stay abandoned until the record changes. */
const MOST_OUTSTANDING = 16;

/** The statements of a token store, each one round trip. */
export type TokenStatements = ReturnType<typeof tokenStatements>;

/** The statements for one table. Times are those of the database's clock. */
export function tokenStatements({ sql: table }: QualifiedTable) {
  const now = 'clock_timestamp()';
  const after = (parameter: string) =>
    `${now} + ${parameter}::double precision * interval '1 millisecond'`;
  const purge = (besides: string, most: number | string) => `DELETE FROM ${table}
      WHERE id = ANY (ARRAY(
        SELECT id FROM ${table}
        WHERE deletable_at <= ${now} ${besides}
          AND coalesce(lease_ends_at, '-infinity') <= ${now} - ${LATE_COMMIT}
        ORDER BY deletable_at LIMIT ${most} FOR UPDATE SKIP LOCKED))`;
  const tell = `SELECT pg_notify($2, payload) FROM written, unnest($3::text[]) AS payload`;
  const ended = `lease = NULL, lease_ends_at = NULL, outstanding = '{}'`;
  const remove = (where: string) =>
    `WITH gone AS (DELETE FROM ${table} WHERE ${where} RETURNING record IS NOT NULL AS existed)
     SELECT existed, (SELECT count(pg_notify($2, payload)::text)
                      FROM unnest($3::text[]) AS payload WHERE existed) AS told FROM gone`;

  return Object.freeze({
    /** 1 id */
    get: `SELECT record FROM ${table} WHERE id = $1 AND record IS NOT NULL`,

    // What writes: 1 id, 2 channel, 3 payloads. No row: it was refused.

    /** 4 client, 5 subject, 6 variant, 7 record, 8 revision, 9 deletable */
    set: `WITH written AS (
       INSERT INTO ${table} (id, client, subject, variant, record, revision, deletable_at)
       VALUES ($1, $4, $5, $6, $7, $8, to_timestamp($9::double precision))
       ON CONFLICT (id) DO UPDATE SET record = EXCLUDED.record, revision = EXCLUDED.revision,
         deletable_at = EXCLUDED.deletable_at, ${ended}
       RETURNING id),
     purged AS (${purge('AND id <> $1', PURGED_PER_WRITE)})
     ${tell}`,

    delete: remove('id = $1'),

    /** 4 revision, 5 record, 6 next revision, 7 deletable */
    commit: `WITH written AS (
       UPDATE ${table} SET record = $5, revision = $6,
         deletable_at = to_timestamp($7::double precision), ${ended}
       WHERE id = $1 AND revision = $4
       RETURNING id),
     purged AS (${purge('AND id <> $1', PURGED_PER_WRITE)})
     ${tell}`,

    /** 4 revision */
    commitDelete: remove('id = $1 AND revision = $4'),

    /** 1 id, 2 client, 3 subject, 4 variant, 5 lease, 6 milliseconds. No row: somebody has it. */
    acquire: `INSERT INTO ${table} AS entry
       (id, client, subject, variant, revision, deletable_at, lease, lease_ends_at, outstanding)
     VALUES ($1, $2, $3, $4, $5, '-infinity', $5, ${after('$6')}, ARRAY[$5::uuid])
     ON CONFLICT (id) DO UPDATE SET lease = EXCLUDED.lease, lease_ends_at = ${after('$6')},
       outstanding = EXCLUDED.outstanding ||
         CASE WHEN cardinality(entry.outstanding) < ${MOST_OUTSTANDING} THEN entry.outstanding
              ELSE ARRAY['00000000-0000-0000-0000-000000000000'::uuid] END
     WHERE entry.lease_ends_at IS NULL OR entry.lease_ends_at <= ${now}
     RETURNING record, revision::text, cardinality(outstanding) > 1 AS abandoned`,

    /** 1 id, 2 lease, 3 milliseconds */
    renew: `UPDATE ${table} SET lease_ends_at = ${after('$3')}
     WHERE id = $1 AND lease = $2 AND lease_ends_at > ${now}`,

    /** 1 id, 2 lease. A row that was there for leases alone goes with the last of them. */
    release: `WITH entry AS (
       SELECT id, record IS NULL AND cardinality(outstanding) = 1 AS unused FROM ${table}
       WHERE id = $1 AND $2::uuid = ANY (outstanding) FOR UPDATE),
     gone AS (DELETE FROM ${table} t USING entry WHERE t.id = entry.id AND entry.unused)
     UPDATE ${table} t SET outstanding = array_remove(outstanding, $2::uuid),
       lease = nullif(lease, $2::uuid),
       lease_ends_at = CASE WHEN lease = $2::uuid THEN NULL ELSE lease_ends_at END
     FROM entry WHERE t.id = entry.id AND NOT entry.unused`,

    /** 1 how many at most */
    purge: purge('', '$1::int'),

    /** 1 the last id, 2 client or NULL, 3 subject or NULL */
    keys: ({ client, subject }: { client?: string; subject?: string }) =>
      `SELECT id, client, subject, variant FROM ${table}
     WHERE record IS NOT NULL AND id > $1
       ${client === undefined ? 'AND $2::text IS NULL' : matches('client', '$2::text')}
       ${subject === undefined ? 'AND $3::text IS NULL' : matches('subject', '$3::text')}
     ORDER BY id LIMIT ${PAGE}`,

    /** 1 channel, 2 payload */
    notify: 'SELECT pg_notify($1, $2)',
  });
}

/** An index takes no long texts: it has the beginning, which is compared, too. */
function matches(column: string, parameter: string): string {
  return `AND left(${column}, 64) = left(${parameter}, 64) AND ${column} = ${parameter}`;
}
