import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';

const HOPS = 10;

export interface Visited {
  url: URL;
  status: number;
  text: string;
}

/** As much of a browser as it takes to press buttons: cookies by host, redirects, forms. */
export class HttpBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  get(url: string | URL): Promise<Visited> {
    return this.#follow(new URL(url), {});
  }

  post(url: string | URL, fields: Record<string, string> = {}): Promise<Visited> {
    return this.#follow(new URL(url), { method: 'POST', data: new URLSearchParams(fields) });
  }

  async #follow(url: URL, request: AxiosRequestConfig): Promise<Visited> {
    for (let hop = 0; hop < HOPS; hop++) {
      const { status, headers, data } = await this.#send(url, request);
      const location: unknown = headers['location'];
      if (typeof location !== 'string') return { url, status, text: data };
      url = new URL(location, url);
      request = {}; // 302 and 303 are followed with GET
    }
    throw new Error(`More than ${HOPS} redirects, the last to ${url.origin}${url.pathname}`);
  }

  async #send(url: URL, request: AxiosRequestConfig): Promise<AxiosResponse<string>> {
    const jar = this.#cookies.get(url.hostname) ?? new Map<string, string>();
    this.#cookies.set(url.hostname, jar);
    const Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await axios.request<string>({
      ...request,
      url: url.href,
      headers: { Cookie, Origin: url.origin, Accept: 'text/html' },
      responseType: 'text',
      maxRedirects: 0,
      validateStatus: () => true,
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name && value) jar.set(name, value);
      else if (name) jar.delete(name);
    }
    return response;
  }
}
