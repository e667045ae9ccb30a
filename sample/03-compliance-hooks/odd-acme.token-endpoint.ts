import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { say } from './say.js';

type Answer = Record<string, string>;

/** Everything that a token endpoint should not do. */
export class TokenEndpoint {
  readonly #credentials: string;
  readonly #codes = new Map<string, string>();
  readonly #tokens = new Map<string, string>();
  readonly #renewals = new Map<string, string>();

  constructor(id: string, secret: string) {
    this.#credentials = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  }

  /** Whose token it is; undefined where it is void. */
  person(token: string): string | undefined {
    return this.#tokens.get(token);
  }

  newCode(person: string): string {
    return remember(this.#codes, person);
  }

  forget(person: string): void {
    for (const kept of [this.#codes, this.#tokens, this.#renewals]) {
      for (const [value, owner] of kept) if (owner === person) kept.delete(value);
    }
  }

  /** A form, whatever the content type says; errors have the status 200, too. */
  answer(headers: IncomingHttpHeaders, form: URLSearchParams): string {
    const isRenewal = form.get('grant_type') === 'refresh_token';
    const answer = this.#judge(headers, form, isRenewal);
    const shown = Object.entries(answer).map(([name, value]) =>
      ['token', 'renewal'].includes(name) ? `${name}=…` : `${name}=${value}`,
    );
    say(isRenewal ? 'Acme, a renewal' : 'Acme, a code', `200 text/html  ${shown.join('&')}`);
    return new URLSearchParams(answer).toString();
  }

  #judge(headers: IncomingHttpHeaders, form: URLSearchParams, isRenewal: boolean): Answer {
    if (headers.authorization !== this.#credentials) return refused('app_unknown');
    if (isRenewal) {
      if (headers['x-acme-version'] !== '2') return refused('version_missing');
      const person = this.#renewals.get(form.get('refresh_token') ?? '');
      return person === undefined ? refused('agreement_ended') : this.#token(person);
    }
    const code = form.get('code') ?? '';
    const person = this.#codes.get(code);
    this.#codes.delete(code);
    if (person === undefined) return refused('code_unknown');
    return { ...this.#token(person), renewal: remember(this.#renewals, person) };
  }

  #token(person: string): Answer {
    return { ok: '1', token: remember(this.#tokens, person), expires: '600' };
  }
}

function refused(reason: string): Answer {
  return { ok: '0', reason };
}

function remember(kept: Map<string, string>, person: string): string {
  const value = randomBytes(32).toString('base64url');
  kept.set(value, person);
  return value;
}
