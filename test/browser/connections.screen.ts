import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Sample } from '../../sample/02-connect-accounts/start-sample.js';

type State = 'connected' | 'expired' | 'not-connected' | 'needs-reconnect';

/** One tab of sample 02, as a person uses it. Every wait is for something that the page shows. */
export class ConnectionsScreen {
  private constructor(
    readonly page: Page,
    private readonly sample: Sample,
  ) {}

  static async open(context: BrowserContext, sample: Sample): Promise<ConnectionsScreen> {
    const screen = new ConnectionsScreen(await context.newPage(), sample);
    await screen.home();
    return screen;
  }

  async home(): Promise<void> {
    await this.page.goto(this.sample.addresses.application);
    await this.live();
  }

  /** The page is here, and fed. */
  async live(): Promise<void> {
    await this.page.locator('[data-live="on"]').waitFor();
  }

  card(client: string): Locator {
    return this.page.locator(`[data-client="${client}"]`);
  }

  async state(client: string, state: State): Promise<void> {
    await this.page.locator(`[data-client="${client}"][data-state="${state}"]`).waitFor();
  }

  async press(
    client: string,
    button: 'Connect' | 'Disconnect' | 'Call' | '100 calls',
  ): Promise<void> {
    await this.card(client)
      .locator('.buttons > :visible')
      .filter({ hasText: new RegExp(`^${button}`) })
      .click();
  }

  /** What a button's answer looks like. */
  async result(client: string, text: string | RegExp): Promise<string> {
    const result = this.card(client).locator('[data-part="result"]').filter({ hasText: text });
    await result.waitFor();
    return result.innerText();
  }

  async logged(client: string, type: string): Promise<void> {
    const line = this.page.locator(`[data-journal] [data-type="${type}"]`, { hasText: client });
    await line.first().waitFor();
  }

  /** What the operators' table says of a client: its grants. */
  async grants(client: string, count: number): Promise<void> {
    const row = this.page.locator(`[data-fleet-client="${client}"] td:nth-child(2)`);
    await row.filter({ hasText: new RegExp(`^${count}$`) }).waitFor();
  }

  /** As far as the provider's question. */
  async begin(client: string): Promise<void> {
    await this.press(client, 'Connect');
    await this.heading(/^Let .* use your Acme account\?$/);
  }

  async allow(account = 'alice'): Promise<void> {
    const name = this.page.getByLabel('Who are you at Acme?');
    if (await name.isVisible()) await name.fill(account);
    await this.page.getByRole('button', { name: 'Allow' }).click();
  }

  async connect(client: string, account?: string): Promise<void> {
    await this.begin(client);
    await this.allow(account);
    await this.state(client, 'connected');
    await this.live();
  }

  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  async text(text: string): Promise<void> {
    await this.page.getByText(text).waitFor();
  }

  /** Says yes, but does not follow the way back: the callback's address, not yet opened. */
  async allowWithoutReturning(): Promise<string> {
    const { request } = this.page.context(); // with this browser's cookies
    const answer = { form: { account: 'alice', answer: 'allow' }, maxRedirects: 0 };
    let response = await request.post(this.page.url(), answer);
    for (;;) {
      const location = response.headers()['location'];
      if (!location) throw new Error(`No redirect: ${response.status()} at ${response.url()}`);
      if (new URL(location).pathname.endsWith('/callback')) return location;
      response = await request.get(location, { maxRedirects: 0 });
    }
  }
}
