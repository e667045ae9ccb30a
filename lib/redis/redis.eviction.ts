import { replyText, type RedisLink, type RedisSend } from './redis.link.js';

/**
 * A warning when a server, short of memory, would drop what the stores keep; `undefined` when it
 * would not, or does not say.
 */
export async function evictionWarning(link: RedisLink): Promise<string | undefined> {
  const masters = await link.masters();
  const policies = await Promise.all(masters.map((send) => policyOf(send)));
  const policy = policies.find((one) => one !== undefined && one !== 'noeviction');
  if (policy === undefined) return undefined;
  const what = policy.startsWith('volatile-')
    ? 'the grants and leases whose end is known'
    : 'any grant';
  return (
    `Redis has the maxmemory-policy "${policy}": when memory runs short it drops ${what}, and those ` +
    'users have to connect again. Set maxmemory-policy to noeviction, or use a Redis of its own.'
  );
}

/** Managed servers forbid `CONFIG`; most of them still say it in `INFO`. */
async function policyOf(send: RedisSend): Promise<string | undefined> {
  return (await configured(send)) ?? (await informed(send));
}

async function configured(send: RedisSend): Promise<string | undefined> {
  const reply = await send('CONFIG', ['GET', 'maxmemory-policy']).catch(() => undefined);
  if (Array.isArray(reply)) return replyText(reply[1]);
  if (reply instanceof Map) return replyText([...(reply.values() as Iterable<unknown>)][0]);
  return typeof reply === 'object' && reply !== null
    ? replyText(Object.values(reply as Record<string, unknown>)[0])
    : undefined;
}

async function informed(send: RedisSend): Promise<string | undefined> {
  const reply = await send('INFO', ['memory']).catch(() => undefined);
  return /^maxmemory_policy:(\S+)/m.exec(replyText(reply) ?? '')?.[1];
}
