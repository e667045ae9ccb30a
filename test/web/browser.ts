import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Where it leads. */
  readonly location: string;
}

/** How one request is otherwise than a person's navigation. */
export interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly form?: Record<string, string> | [string, string][];
}

/** What a browser says of a navigation from another site, or from the address bar. */
const NAVIGATION = {
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  accept: 'text/html,*/*;q=0.8',
};

/**
 * A browser without a screen: keeps the cookies of one application and follows nothing. Not by
 * `fetch()`, which says of itself what browsers say of scripts.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;
  /** Who is signed in at the application; nobody when empty. */
  user: string;

  constructor(origin: string, user = 'alice') {
    this.#origin = origin;
    this.user = user;
  }

  /** Goes to an address of the application. */
  async open(path: string, asking: Asking = {}): Promise<Answer> {
    const answer = await send(new URL(path, this.#origin), {
      ...asking,
      headers: {
        ...NAVIGATION,
        ...(this.user !== '' && { 'x-user': this.user }),
        ...(this.cookies.size > 0 && { cookie: this.cookieHeader }),
        ...asking.headers,
      },
    });
    for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line);
    return answer;
  }

  /** Sends a form of the application's own. */
  post(
    path: string,
    form: Asking['form'] = {},
    headers: OutgoingHttpHeaders = {},
  ): Promise<Answer> {
    const own = { 'sec-fetch-site': 'same-origin', ...headers };
    return this.open(path, { method: 'POST', form, headers: own });
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The headers that are there: one that is `undefined` is left out. */
function given(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

/** Sends one request, as it is. */
export function send(url: URL, { method = 'GET', headers, form }: Asking): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, headers: given({ ...(body !== undefined && type), ...headers }), agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          const text = Buffer.concat(chunks).toString();
          resolve({ status, headers, text, location: headers.location ?? '' });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
