import type { Params } from '../protocol/params.js';
import { signAssertion } from '../protocol/jwt-assertion.js';
import type { PrivateKeyMaterial, SignerOptions } from '../protocol/signing-key.js';
import type { GrantContext, TokenGrant } from './token-grant.js';

/** The type of the grant on the wire. RFC 7523, section 8.1. */
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** A service account's key file, in the form in which Google hands it out. */
export interface ServiceAccountKeyFile {
  /** Who signs: the service account. */
  readonly client_email: string;
  /** The private key, in PEM. A secret. */
  readonly private_key: string;
  /** The key's identifier. */
  readonly private_key_id?: string;
  /** The assertion's audience, and the token endpoint where the client sets none. */
  readonly token_uri?: string;
}

/**
 * The grant of service accounts: an assertion that we sign ourselves, a new one with a new `jti`
 * for each token request. RFC 7523, section 2.1.
 */
export interface JwtBearerGrantOptions extends SignerOptions {
  /** Tells this grant from others. */
  readonly type: 'jwt_bearer';
  /** A key file that brings key, `kid`, issuer and audience; options of their own win. */
  readonly keyFile?: ServiceAccountKeyFile;
  /** The assertion's `iss`; the client identifier when left out. */
  readonly issuer?: string;
  /** The assertion's `sub` where no `for()` names one; none when left out. */
  readonly subject?: string;
  /** The assertion's `aud`; the token endpoint when left out. */
  readonly audience?: string | readonly string[];
  /**
   * Seconds until the assertion ends.
   *
   * @defaultValue 3600
   */
  readonly lifetimeSeconds?: number;
  /**
   * Where the scope goes: a parameter of the request, or a claim of the assertion, as Google wants
   * it.
   *
   * @defaultValue `'claim'` with a key file, else `'parameter'`
   */
  readonly scopeIn?: 'parameter' | 'claim';
  /** Further claims; they win over those made here. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Further members of the assertion's header. */
  readonly header?: Readonly<Record<string, unknown>>;
}

const LIFETIME_SECONDS = 3600;

/** Makes the assertions of a service account. */
export class JwtBearerGrant implements TokenGrant {
  readonly type = GRANT_TYPE;
  readonly actsFor = 'client or subject';
  readonly #options: JwtBearerGrantOptions;
  readonly #signer: SignerOptions;

  constructor(options: JwtBearerGrantOptions) {
    const { keyFile } = options;
    const key: PrivateKeyMaterial | undefined = keyFile?.private_key;
    // A key of the options' own has its own name.
    const kid = options.kid ?? (options.key === undefined ? keyFile?.private_key_id : undefined);
    this.#options = options;
    this.#signer = {
      ...(options.alg !== undefined && { alg: options.alg }),
      ...(options.sign && { sign: options.sign }),
      ...((options.key ?? key) !== undefined && { key: (options.key ?? key)! }),
      ...(kid !== undefined && { kid }),
    };
  }

  /** Whether the scope is a claim of the assertion, and no parameter of the request. */
  get scopeInClaim(): boolean {
    return (this.#options.scopeIn ?? (this.#options.keyFile ? 'claim' : 'parameter')) === 'claim';
  }

  async params(context: GrantContext): Promise<Params> {
    const { keyFile, issuer, subject, audience, lifetimeSeconds, claims, header } = this.#options;
    const now = Math.floor(context.now);
    const sub = context.subject || subject;
    const { scope } = context;
    const assertion = await signAssertion(
      {
        header,
        claims: {
          iss: issuer ?? keyFile?.client_email ?? context.clientId,
          ...(sub !== undefined && { sub }),
          aud: audience ?? keyFile?.token_uri ?? context.tokenEndpoint,
          iat: now,
          exp: now + (lifetimeSeconds ?? LIFETIME_SECONDS),
          jti: crypto.randomUUID(),
          ...(this.scopeInClaim && scope.length > 0 && { scope: scope.join(' ') }),
          ...claims,
        },
      },
      this.#signer,
    );
    return { assertion };
  }
}
