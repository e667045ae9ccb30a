import { randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Account {
  email: string;
  clientId: string;
  privateKey: KeyObject;
  tokenEndpoint: string;
}

/** Writes a key file as Google's console hands one out, for this user's eyes alone. */
export function writeKeyFile({ email, clientId, privateKey, tokenEndpoint }: Account) {
  const folder = mkdtempSync(join(tmpdir(), 'service-account-'));
  const path = join(folder, 'key.json');
  const content = {
    type: 'service_account',
    client_email: email,
    client_id: clientId,
    private_key_id: randomUUID(),
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: tokenEndpoint,
  };
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}
