import * as presets from 'nestjs-oauth-client/providers';
import { describe, expect, it } from 'vitest';

describe('what an application says of a preset’s client', () => {
  it('leaves what the preset says as it is where it is undefined', () => {
    const given = { clientId: 'c' };
    const nothing = {
      allowedOrigins: undefined,
      baseURL: undefined,
      clientAuthentication: undefined,
      fixes: undefined,
      scopeSeparator: undefined,
      tokenEndpoint: undefined,
    } as object;
    for (const make of [presets.salesforce, presets.mailchimp, presets.slack, presets.google]) {
      const { fixes, baseURL, ...options } = make({ ...given, ...nothing });
      const usual = make(given);
      expect(options).toEqual({ ...usual, fixes: undefined, baseURL: undefined });
      expect(fixes?.length).toBe(usual.fixes?.length);
      expect(typeof baseURL).toBe(typeof usual.baseURL);
    }
  });

  it('wins where it says something', () => {
    const options = presets.slack({ clientId: 'c', scopeSeparator: ' ', deadGrantErrors: [] });
    expect(options).toMatchObject({ scopeSeparator: ' ', deadGrantErrors: [] });
  });

  it('takes the token to a base address of its own alone', () => {
    const options = presets.salesforce({ clientId: 'c', baseURL: 'https://api.example' });
    expect(options).not.toHaveProperty('allowedOrigins');
  });
});
