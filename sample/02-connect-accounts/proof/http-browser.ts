const HOPS = 10;

export interface Visited {
  url: URL;
  status: number;
  text: string;
}

/** As much of a browser as it takes to press buttons: cookies by origin, redirects, forms. */
export class HttpBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  get(url: string | URL): Promise<Visited> {
    return this.#follow(new URL(url), {});
  }

  post(url: string | URL, fields: Record<string, string> = {}): Promise<Visited> {
    return this.#follow(new URL(url), { method: 'POST', body: new URLSearchParams(fields) });
  }

  async #follow(url: URL, init: RequestInit): Promise<Visited> {
    for (let hop = 0; hop < HOPS; hop++) {
      const response = await this.#send(url, init);
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status, text: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url);
      init = {}; // 302 and 303 are followed with GET
    }
    throw new Error(`More than ${HOPS} redirects, the last to ${url.origin}${url.pathname}`);
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.#cookies.get(url.origin) ?? new Map<string, string>();
    this.#cookies.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { Cookie: cookie, Origin: url.origin };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name && value) jar.set(name, value);
      else if (name) jar.delete(name);
    }
    return response;
  }
}
