import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** Certificates and keys as they are now, in PEM. */
export interface TlsMaterial {
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
}

/** What of the material cannot be used, and why; nothing of it is repeated. */
export interface MaterialProblem {
  readonly name: 'ca' | 'cert' | 'key';
  readonly problem: string;
}

/** What is wrong with certificates and keys, found before they are used to connect. */
export function materialProblem(material: TlsMaterial): MaterialProblem | undefined {
  const { ca, cert, key, passphrase } = material;
  // Node passes over authorities that it cannot read, and then trusts nobody.
  const authorities = ca === undefined ? [] : [ca].flat();
  if (!authorities.every((pem) => isReadable(() => new X509Certificate(pem)))) {
    return { name: 'ca', problem: 'It holds no certificate in PEM.' };
  }
  if (cert !== undefined && !isReadable(() => createSecureContext({ cert }))) {
    return { name: 'cert', problem: 'It is no certificate in PEM.' };
  }
  if (key !== undefined && !isReadable(() => createSecureContext({ key, passphrase }))) {
    return {
      name: 'key',
      problem: 'It is no private key in PEM, or the passphrase is not its own.',
    };
  }
  if (cert === undefined || key === undefined) return undefined;
  if (isReadable(() => createSecureContext({ cert, key, passphrase }))) return undefined;
  return { name: 'key', problem: 'It is not the key of the certificate.' };
}

/** What the parser says may hold a part of the key: whether it can read it must do. */
function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
