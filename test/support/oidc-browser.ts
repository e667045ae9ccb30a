import { Visitor } from './oidc-server.js';

/** A page that a {@link Browser} stands on. */
export interface Page {
  readonly address: string;
  readonly html: string;
}

/** A visitor that reads pages and submits their forms, in place of the scripts and people that do. */
export class Browser extends Visitor {
  /** Goes to an address, and on to where it is sent from there. */
  async open(address: string): Promise<Page> {
    return this.#arrive(address, await this.visit(address));
  }

  /** Submits the form of a page, with what the person types into it. */
  async submit(page: Page, typed: Record<string, string> = {}): Promise<Page> {
    const action = /<form[^>]*\saction="([^"]*)"/.exec(page.html)?.[1];
    if (action === undefined) throw new Error(`No form at ${page.address}: ${page.html}`);
    const body = new URLSearchParams({ ...hiddenFields(page.html), ...typed });
    const address = new URL(unescaped(action), page.address).href;
    return this.#arrive(address, await this.visit(address, { method: 'POST', body }));
  }

  async #arrive(address: string, response: Response): Promise<Page> {
    const location = response.headers.get('location');
    if (location !== null) return this.open(new URL(location, address).href);
    return { address, html: await response.text() };
  }
}

/** What the form of a page holds before anybody types. */
export function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const [name, value] = ['name', 'value'].map((attribute) =>
      unescaped(new RegExp(`\\s${attribute}="([^"]*)"`).exec(input)?.[1] ?? ''),
    );
    fields[name!] = value!;
  }
  return fields;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_entity, name: string) => ENTITIES[name]!);
}
