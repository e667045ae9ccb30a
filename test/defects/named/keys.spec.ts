import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bootClients, connectUser, startServer, userClient } from '../../support/application.js';

describe('users of clients whose names and subjects run together', () => {
  it('have each their own token', async () => {
    const server = await startServer();
    const client = userClient(server);
    const registry = await bootClients({ clients: { crm: client, 'crm:eu': client } });
    const here = registry.get('crm').for('eu:alice');
    const there = registry.get('crm:eu').for('alice');
    await connectUser(registry.get('crm'), server, 'eu:alice');
    await connectUser(registry.get('crm:eu'), server, 'alice');
    const whose = async (session: typeof here) =>
      (await firstValueFrom(session.get<{ subject: string }>('/me'))).data.subject;
    expect(await whose(here)).toBe('eu:alice');
    expect(await whose(there)).toBe('alice');
    await there.clearToken();
    expect(await here.authorized()).toBe(true);
  });
});
