import { createHash } from 'node:crypto';

/** How long a record is kept after its end, for clocks that differ, in milliseconds. */
export const GRACE_MS = 300_000;
/** How long a lapsed lease is remembered where there is no record, in milliseconds. */
export const LEASE_MEMORY_MS = 60_000;
/** How many lapsed leases on one record are remembered. */
const MOST_LEASES = 100;

/** What runs in the server, in one step. */
export interface RedisScript {
  /** The source, in Lua. */
  readonly source: string;
  /** Its SHA-1, by which the server knows it. */
  readonly sha: string;
}

/*
 * KEYS: 1 the record, 2 its leases, 3 the grant's variants (of a variant alone).
 * Leases are a sorted set: each lease that was neither committed nor released, by when it ends.
 * The one that ends in the future is in force; any write removes them all.
 * A script that has failed is not undone. So what may be refused comes first: to publish; and a
 * server that is out of memory, which grants no lease then, lets all pass that comes after a DEL.
 */
const COMMON = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function whole(number) return string.format('%.0f', number) end
local function remember(ms)
  local left = redis.call('PTTL', KEYS[1])
  if left == -1 then redis.call('PERSIST', KEYS[2])
  else redis.call('PEXPIRE', KEYS[2], whole(math.max(left, ms) + ${LEASE_MEMORY_MS})) end
end
local function index(ms, variant)
  local left = redis.call('PTTL', KEYS[3])
  redis.call('SADD', KEYS[3], variant)
  if not ms then redis.call('PERSIST', KEYS[3])
  elseif left ~= -1 and left < ms then redis.call('PEXPIRE', KEYS[3], whole(ms)) end
end
local function write(record, ends, channel, name, variant)
  local ms
  redis.call('PUBLISH', channel, name)
  redis.call('DEL', KEYS[2])
  if ends == '' then redis.call('SET', KEYS[1], record)
  else
    ms = math.max(tonumber(ends) - now(), 0) + ${GRACE_MS}
    redis.call('SET', KEYS[1], record, 'PX', whole(ms))
  end
  if KEYS[3] then index(ms, variant) end
  return 1
end
local function erase(channel, name, variant)
  local existed = redis.call('EXISTS', KEYS[1])
  if existed == 1 then redis.call('PUBLISH', channel, name) end
  redis.call('DEL', KEYS[1], KEYS[2])
  if KEYS[3] then redis.call('SREM', KEYS[3], variant) end
  return existed
end
`;

/** The record. ARGV: none. */
export const GET = script(`return redis.call('GET', KEYS[1])`);

/** Writes a record and ends all leases on it. ARGV: channel, name, variant, record, its end. */
export const SET = script(`${COMMON} return write(ARGV[4], ARGV[5], ARGV[1], ARGV[2], ARGV[3])`);

/** Deletes a record and ends all leases on it; 1 when there was one. ARGV: channel, name, variant. */
export const DELETE = script(`${COMMON} return erase(ARGV[1], ARGV[2], ARGV[3])`);

/**
 * Grants a lease: how many others are out, and the record. Nil while somebody else's is in force.
 * Asked twice by a driver that lost the answer, it grants the same. ARGV: lease, milliseconds.
 */
export const ACQUIRE = script(`${COMMON}
local time = now()
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if last[1] and tonumber(last[2]) > time and last[1] ~= ARGV[1] then return false end
redis.call('ZADD', KEYS[2], whole(time + tonumber(ARGV[2])), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -${MOST_LEASES + 1})
remember(tonumber(ARGV[2]))
return { redis.call('ZCARD', KEYS[2]) - 1, redis.call('GET', KEYS[1]) }`);

/** Prolongs a lease that is in force; 0 when it is not. ARGV: lease, milliseconds. */
export const RENEW = script(`${COMMON}
local time = now()
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not ends or tonumber(ends) <= time then return 0 end
redis.call('ZADD', KEYS[2], whole(time + tonumber(ARGV[2])), ARGV[1])
remember(tonumber(ARGV[2]))
return 1`);

/** Gives a lease back. ARGV: lease. */
export const RELEASE = script(`return redis.call('ZREM', KEYS[2], ARGV[1])`);

/**
 * Writes, or deletes when the record is empty, while the lease is out: nobody has written since.
 * Also 1 when just this record is there already: the driver has sent the command twice.
 * ARGV: channel, name, variant, record, its end, lease.
 */
export const COMMIT = script(`${COMMON}
if not redis.call('ZSCORE', KEYS[2], ARGV[6]) then
  if ARGV[4] ~= '' and redis.call('GET', KEYS[1]) == ARGV[4] then return 1 end
  return 0
end
if ARGV[4] == '' then erase(ARGV[1], ARGV[2], ARGV[3]) return 1 end
return write(ARGV[4], ARGV[5], ARGV[1], ARGV[2], ARGV[3])`);

/** The variants that were written. KEYS: 1 the variants. */
export const VARIANTS = script(`return redis.call('SMEMBERS', KEYS[1])`);

/**
 * Which records exist, as 1 or 0 each; variants that have expired are forgotten.
 * KEYS: 1 the variants, 2 the grant's record, 3 … the variants' records. ARGV: the variants.
 */
export const EXISTING = script(`
local found = {}
for i = 2, #KEYS do
  found[i - 1] = redis.call('EXISTS', KEYS[i])
  if i > 2 and found[i - 1] == 0 then redis.call('SREM', KEYS[1], ARGV[i - 2]) end
end
return found`);

/**
 * Saves a request, 0 when its state was seen before. ARGV: request (unique), milliseconds.
 * KEYS: 1 the request.
 */
export const SAVE = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0`);

/** Takes a request out and leaves its state behind, empty, for as long. KEYS: 1 the request. */
export const TAKE = script(`
local found = redis.call('GET', KEYS[1])
if not found or found == '' then return false end
redis.call('SET', KEYS[1], '', 'PX', math.max(redis.call('PTTL', KEYS[1]), 1))
return found`);

function script(source: string): RedisScript {
  const text = source.trim();
  return { source: text, sha: createHash('sha1').update(text).digest('hex') };
}
