import { accountOf } from '../connections/accounts.js';
import { difference, type Count } from '../connections/acme-counters.service.js';
import type { ClientName } from '../app.config.js';
import type { Sample } from '../start-sample.js';
import { HttpBrowser } from './http-browser.js';

/** A machine-to-machine call: a token is fetched by itself, and the API answers. */
export async function machineCall(sample: Sample): Promise<string> {
  const browser = new HttpBrowser();
  const count = await counted(sample, 'acme-billing', () =>
    press(sample, browser, 'acme-billing', 'call'),
  );
  return judged('machine-to-machine call', count, 1);
}

/** A person connects an account; the token expires; 100 calls at once renew it exactly once. */
export async function burst(sample: Sample): Promise<string> {
  const person = new HttpBrowser();
  await connect(sample, person, 'acme-files');
  const count = await counted(sample, 'acme-files', () =>
    press(sample, person, 'acme-files', 'burst'),
  );
  return judged('100 calls on an expired token', count, 100);
}

async function connect(sample: Sample, person: HttpBrowser, client: ClientName): Promise<void> {
  const { application } = sample.addresses;
  const consentPage = await person.get(`${application}/oauth/${client}/authorize`);
  const landed = await person.post(consentPage.url, { account: 'alice', answer: 'allow' });
  if (landed.url.href !== `${application}/`) {
    throw new Error(
      `Connecting ${client} ended at ${landed.url.origin}${landed.url.pathname} with ${landed.status}`,
    );
  }
}

async function press(
  sample: Sample,
  browser: HttpBrowser,
  client: ClientName,
  button: string,
): Promise<void> {
  const { status, text } = await browser.post(
    `${sample.addresses.application}/connections/${client}/${button}`,
  );
  if (status !== 200) throw new Error(`${client}: “${button}” answered ${status}: ${text}`);
}

/** What Acme's servers counted meanwhile, for this client and what it calls. */
async function counted(
  sample: Sample,
  client: ClientName,
  work: () => Promise<void>,
): Promise<Count> {
  const before = sample.counters();
  await work();
  return difference(accountOf(client), before, sample.counters());
}

function judged(what: string, { tokenRequests, answers }: Count, calls: number): string {
  const statuses = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
  const line = `${what}: ${tokenRequests} token request${tokenRequests === 1 ? '' : 's'}, ${statuses.join(', ')}`;
  if (tokenRequests !== 1 || statuses.join() !== `${calls} × 200`) {
    throw new Error(`${line} (expected: 1 token request, ${calls} × 200)`);
  }
  return line;
}
