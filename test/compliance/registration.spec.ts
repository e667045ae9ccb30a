import { ConfigurationError } from 'nestjs-oauth-client';
import { expect, it } from 'vitest';
import { bootClient, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';

it('registering a hook that is no function fails at once, and leaves the session as it was', async () => {
  const session = await bootClient(machineClient(await startServer()));
  const register = () => session.registerComplianceHook('access_token_request', undefined as never);
  expect((await failure(register, ConfigurationError)).message).toContain('undefined');
  expect(await session.accessToken()).toBeTruthy();
});
