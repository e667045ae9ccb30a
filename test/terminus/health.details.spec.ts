import type { OAuthHealthDetails } from 'nestjs-oauth-client/terminus';
import { describe, expect, it } from 'vitest';
import { machineClient, startServer } from '../support/application.js';
import { healthApplication } from './health.fixtures.js';

describe('the details of the health', () => {
  it('have a type, which is what is shown', async () => {
    const told: OAuthHealthDetails[] = [];
    const server = await startServer();
    const { health } = await healthApplication(
      { clients: { billing: machineClient(server) } },
      async (oauth) => {
        const result = await oauth.isHealthy('oauth');
        told.push(result.oauth);
        return result;
      },
    );
    const { details } = await health();
    const [typed] = told;
    expect(typed).toEqual(details['oauth']);
    expect(typed?.status).toBe('up');
    expect(typed?.store?.status).toBe('up');
    expect(typed?.clients?.['billing']?.renewals?.failedShare).toBe(0);
    expect(typed?.omitted).toBeUndefined();
  });

  it('say how many clients are left out beyond a hundred', async () => {
    const server = await startServer();
    const names = Array.from({ length: 102 }, (_, index) => `client-${index}`);
    const clients = Object.fromEntries(names.map((name) => [name, machineClient(server)]));
    const omitted: (number | undefined)[] = [];
    const { health } = await healthApplication({ clients }, async (oauth) => {
      const result = await oauth.cooldownCheck('oauth');
      omitted.push(result.oauth.omitted);
      return result;
    });
    await health();
    expect(omitted).toEqual([2]);
  });
});
