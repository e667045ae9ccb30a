import { joinKey, type TokenKey } from '../store/token-key.js';

/** What a variant of a token asks for instead of the client's own. */
export interface VariantRequest {
  /** The scope to ask for, instead of the client's. RFC 6749, section 3.3. */
  readonly scope?: readonly string[];
  /** The resources that the token is for. RFC 8707, section 2. */
  readonly resource?: readonly string[];
  /** The audiences that the token is for, for servers that have such a parameter. */
  readonly audience?: readonly string[];
}

/**
 * Whose token a request carries: one client's, one subject's, one variant. This is what a session
 * puts on a request's config, and all that the pipeline sees of a session. Light, since there may
 * be one for each of very many subjects.
 */
export class GrantBinding {
  /** The client's name. */
  readonly client: string;
  /** The subject; `''` is the client itself. */
  readonly subject: string;
  /** The key as one text. */
  readonly id: string;
  /** What the variant asks for; `undefined` for the grant itself. */
  readonly variant: VariantRequest | undefined;

  constructor(client: string, subject: string, variant?: VariantRequest) {
    this.client = client;
    this.subject = subject;
    this.variant = variant;
    this.id = joinKey(this.key);
  }

  /** The key in the store. */
  get key(): TokenKey {
    const { client, subject } = this;
    return this.variant
      ? { client, subject, variant: variantName(this.variant) }
      : { client, subject };
  }

  /** The key of the grant that this is a variant of: where the refresh token lives. */
  get grantKey(): TokenKey {
    return { client: this.client, subject: this.subject };
  }

  /** The same as one text. */
  get grantKeyId(): string {
    return joinKey(this.grantKey);
  }

  /** What a log or JSON shows of a request's config. */
  toJSON(): TokenKey {
    return this.key;
  }
}

function variantName(variant: VariantRequest): string {
  const part = (values: readonly string[] | undefined) => values && [...values].sort();
  return JSON.stringify([part(variant.scope), part(variant.resource), part(variant.audience)]);
}
