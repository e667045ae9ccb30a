import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { say } from './say.js';

interface ApiAnswer {
  status: number;
  answer: object;
}

/** Acme's API: it wants a token, and a signature over the call and the token. */
export class Orders {
  readonly #key: string;
  readonly #personOf: (token: string) => string | undefined;
  #count = 0;

  constructor(key: string, personOf: (token: string) => string | undefined) {
    this.#key = key;
    this.#personOf = personOf;
  }

  answer({ method = '', url = '', headers }: IncomingMessage, body: string): ApiAnswer {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const signed = [method, url, token, body].join('\n');
    const signature = createHmac('sha256', this.#key).update(signed).digest('base64url');
    if (headers['x-acme-signature'] !== signature) return this.#said(403, 'the signature is wrong');
    if (!this.#personOf(token)) return this.#said(401, 'signature right, the token is void');
    const { article } = JSON.parse(body) as { article: string };
    return this.#said(201, 'signature and token right', { order: ++this.#count, article });
  }

  #said(status: number, what: string, answer: object = { error: what }): ApiAnswer {
    say("Acme's API", `${status} ${what}`);
    return { status, answer };
  }
}
