import { Readable } from 'node:stream';
import { InsecureTransportError } from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { bootClients, machineClient, startServer } from '../support/application.js';
import { failure } from '../support/failure.js';
import { startHost } from '../support/host.js';
import { fromRegistrations, Registrations } from '../support/registrations.js';

/** A form as the package form-data makes it: axios waits for its length before it connects. */
class Form extends Readable {
  readonly [Symbol.toStringTag] = 'FormData';

  constructor() {
    super({ read: () => void this.push(null) });
  }

  append(): void {}

  getHeaders(): Record<string, string> {
    return { 'content-type': 'multipart/form-data; boundary=x' };
  }

  getLength(tell: (error: null, length: number) => void): void {
    setImmediate(tell, null, 0);
  }
}

it('a form whose length is waited for is not redirected to a private address', async () => {
  const [inside, server] = [await startHost(), await startServer()];
  const { origin } = await startHost((_request, response) => {
    response.writeHead(302, { location: `http://[::ffff:7f00:1]:${inside.port}/` }).end();
  });
  const tenant = machineClient(server, { baseURL: origin });
  const registry = await bootClients(fromRegistrations(new Registrations({ tenant })));
  const session = await registry.resolve('tenant');
  const call = session.post('/form', new Form(), { oauth: { withholdToken: true } });
  await failure(firstValueFrom(call), InsecureTransportError);
  expect(inside.connections).toBe(0);
});
