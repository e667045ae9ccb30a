import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const BASIC_CONSTRAINTS = '0603551d13';
const SUBJECT_ALT_NAME = '0603551d11';
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A self-signed certificate for 127.0.0.1 and localhost, made with what Node has: a bare machine
 * has no `openssl`. RFC 5280, section 4.1.
 *
 * @param passphrase - What the key is encrypted with; not at all when left out.
 */
export function selfSigned(commonName: string, passphrase?: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(0x30, hex(ECDSA_WITH_SHA256));
  const name = der(
    0x30,
    der(0x31, der(0x30, hex(COMMON_NAME), der(0x0c, Buffer.from(commonName)))),
  );
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, hex('01'), randomBytes(8)),
    algorithm,
    name,
    der(0x30, time(-DAY_MS), time(DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension(BASIC_CONSTRAINTS, der(0x30, hex('0101ff'))), alternatives())),
  );
  const signature = der(0x03, hex('00'), sign('sha256', tbs, privateKey));
  const body = der(0x30, tbs, algorithm, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: pem(privateKey, passphrase),
  };
}

function pem(key: KeyObject, passphrase: string | undefined): string {
  const plain = { type: 'pkcs8', format: 'pem' } as const;
  const how = passphrase === undefined ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase };
  return key.export(how) as string;
}

function alternatives(): Buffer {
  const dns = der(0x82, Buffer.from('localhost'));
  const address = der(0x87, Buffer.from([127, 0, 0, 1]));
  return extension(SUBJECT_ALT_NAME, der(0x30, dns, address));
}

function extension(oid: string, value: Buffer): Buffer {
  return der(0x30, hex(oid), der(0x04, value));
}

function time(fromNow: number): Buffer {
  const text = new Date(Date.now() + fromNow).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

/** One value of DER: its tag, its length, its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const digits = body.length.toString(16);
  const bytes = hex(digits.length % 2 === 0 ? digits : `0${digits}`);
  const length =
    body.length < 0x80 ? bytes : Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}
