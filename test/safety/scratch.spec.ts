import { it, expect } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { startHost } from '../support/host.js';
import { X509Certificate } from 'node:crypto';
import axios from 'axios';
import { Agent } from 'node:https';
it('x', async () => {
  const c = selfSigned('api', 'pw');
  const x = new X509Certificate(c.cert);
  console.log(x.subject, x.subjectAltName, x.validTo, c.key);
  const host = await startHost(undefined, { ...c, passphrase: 'pw' });
  const r = await axios.get(host.origin, { httpsAgent: new Agent({ ca: c.cert }) });
  expect(r.status).toBe(200);
});
