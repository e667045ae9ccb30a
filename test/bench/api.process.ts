import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AUTHORIZATION, BODY } from './resource.js';

// The API, in a process of its own so that its work is nobody's: says where it is and serves.
const server = createServer((request, response) => {
  const authorized = request.headers.authorization === AUTHORIZATION;
  response.writeHead(authorized ? 200 : 401, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
  });
  response.end(BODY);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
