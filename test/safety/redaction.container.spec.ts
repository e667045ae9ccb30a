import { ModulesContainer } from '@nestjs/core';
import { TokenEndpointError } from 'nestjs-oauth-client';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/failure.js';
import { leaks } from '../support/leaks.js';
import { bootSecretive, SECRET_TRANSPORT } from '../support/secretive-client.js';

describe('what the container of an application holds', () => {
  it('shows no secret: every provider of ours, and what leads to it', async () => {
    const { application, secrets } = await bootSecretive({ transport: SECRET_TRANSPORT });
    const found = await secrets();
    const modules = [...application.get(ModulesContainer).values()].filter(
      ({ metatype }) => metatype.name === 'OAuthClientModule',
    );
    const instances = modules.flatMap(({ providers }) =>
      [...providers.values()].map(({ instance }) => instance),
    );
    expect(instances.length).toBeGreaterThan(4);
    const ours = instances.filter((instance) => !(instance instanceof ModulesContainer));
    for (const instance of ours) expect(leaks(instance, found)).toEqual([]);
  });
});

describe('a server that says a secret back', () => {
  it.each(['error', 'error_description', 'error_uri'])('in %s is not repeated', async (field) => {
    const { alice, server, secrets } = await bootSecretive();
    const { refreshToken = '' } = (await alice.token())!;
    const said = `you sent ${refreshToken}`;
    server.next('token').respondJson(400, { error: 'invalid_scope', [field]: said });
    const error = await failure(alice.refreshToken(), TokenEndpointError);
    expect(leaks(error, await secrets())).toEqual([]);
    expect(`${error.message}${error.error}${error.errorDescription}${error.errorUri}`).toContain(
      field === 'error' ? 'redacted' : '[redacted]',
    );
  });
});
