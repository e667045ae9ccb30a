import type { CallAnswer } from '../connections/calls.service.js';
import type { Count } from '../connections/acme-counters.service.js';
import type { ConnectionState as State, ConnectionView } from '../connections/connection.view.js';
import type { FleetLine } from '../connections/fleet.service.js';
import type { EventLine } from './event-line.js';

/**
 * What runs in the browser. It is sent as it stands here: written in TypeScript and checked with
 * the rest, without a bundler. So it uses nothing from outside but types.
 */
function run(): void {
  const deadlines = new Map<string, number>();

  const cards = [...document.querySelectorAll<HTMLElement>('[data-client]')];
  for (const card of cards) show(JSON.parse(card.dataset['view'] ?? '{}') as ConnectionView);
  setInterval(() => cards.forEach(tick), 250);
  document.addEventListener('click', press);
  listen();

  function part(card: HTMLElement, name: string): HTMLElement {
    const element = card.querySelector<HTMLElement>(`[data-part="${name}"]`);
    if (!element) throw new Error(`The card has no place for ${name}`);
    return element;
  }

  function write(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text;
  }

  function show(view: ConnectionView): void {
    const card = cards.find(({ dataset }) => dataset['client'] === view.client);
    if (!card) return;
    card.dataset['state'] = view.state;
    deadlines.delete(view.client);
    const { expiresIn } = view;
    if (expiresIn !== undefined) deadlines.set(view.client, Date.now() + expiresIn * 1000);
    write(part(card, 'scopes'), view.scopes.join(' ') || '–');
    tick(card);
  }

  /** What changes by itself: the time to expiry, and the state when that has come. */
  function tick(card: HTMLElement): void {
    const deadline = deadlines.get(card.dataset['client'] ?? '');
    const left = deadline === undefined ? undefined : Math.ceil((deadline - Date.now()) / 1000);
    const ended = left !== undefined && left <= 0;
    if (card.dataset['state'] === 'connected' && ended) card.dataset['state'] = 'expired';

    const state = card.dataset['state'] as State;
    const machine = card.dataset['actsFor'] === 'application';
    const words = JSON.parse(card.dataset['words'] ?? '{}') as Record<State, string>;
    write(part(card, 'state'), words[state]);
    write(part(card, 'expiry'), expiry(state, left));
    enable(card, machine || state === 'connected' || state === 'expired');
  }

  function expiry(state: State, left: number | undefined): string {
    if (state === 'expired') return 'expired, the next call renews it';
    if (state === 'needs-reconnect') return 'none: the provider has ended the connection';
    if (state === 'not-connected') return 'none';
    if (left === undefined) return 'never expires';
    return `expires in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  }

  function enable(card: HTMLElement, usable: boolean): void {
    const busy = card.ariaBusy === 'true';
    for (const button of card.querySelectorAll<HTMLButtonElement>('button')) {
      button.disabled = busy || !usable;
    }
    const connect = card.querySelector<HTMLElement>('[data-action="connect"]');
    const disconnect = card.querySelector<HTMLElement>('[data-action="disconnect"]');
    if (!connect || !disconnect) return;
    const focused = document.activeElement === disconnect;
    connect.hidden = usable;
    disconnect.hidden = !usable;
    if (focused && !usable) connect.focus(); // whoever uses the keyboard stays where they were
  }

  function press(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLButtonElement>('button[data-action]');
    const card = button?.closest<HTMLElement>('[data-client]');
    if (button && card) void act(card, button);
  }

  async function act(card: HTMLElement, button: HTMLButtonElement): Promise<void> {
    const action = button.dataset['action'];
    const result = part(card, 'result');
    card.ariaBusy = 'true';
    result.className = 'result';
    result.replaceChildren();
    tick(card);
    try {
      const routes = action === 'disconnect' ? '/oauth' : '/connections';
      const response = await fetch(`${routes}/${card.dataset['client']}/${action}`, {
        method: 'POST',
      });
      if (!response.ok) throw new Error(((await response.json()) as { detail: string }).detail);
      if (action === 'call') showAnswer(result, (await response.json()) as CallAnswer);
      if (action === 'burst') showCount(result, (await response.json()) as Count);
    } catch (error) {
      result.classList.add('failed');
      result.append(paragraph(error instanceof Error ? error.message : String(error)));
    } finally {
      card.ariaBusy = 'false';
      tick(card);
      button.focus();
    }
  }

  function showAnswer(result: HTMLElement, { status, body }: CallAnswer): void {
    const pre = document.createElement('pre');
    pre.textContent = JSON.stringify(body, null, 2);
    result.append(paragraph(`The API answered ${status}:`), pre);
  }

  function showCount(result: HTMLElement, { tokenRequests, answers }: Count): void {
    const statuses = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
    const requests = `${tokenRequests} token request${tokenRequests === 1 ? '' : 's'}`;
    const source = paragraph('As the authorization server and the API counted it.');
    source.className = 'quiet';
    result.append(paragraph(`${requests}, ${statuses.join(', ')}`), source);
  }

  function paragraph(text: string): HTMLParagraphElement {
    const element = document.createElement('p');
    element.textContent = text;
    return element;
  }

  function listen(): void {
    const live = document.querySelector<HTMLElement>('[data-live]');
    const journal = document.querySelector<HTMLElement>('[data-journal]');
    const fleet = document.querySelector<HTMLElement>('[data-fleet]');
    const tell = (state: string, text: string) => {
      if (!live) return;
      live.dataset['live'] = state;
      write(live, text);
    };
    const source = new EventSource('/live');
    source.addEventListener('open', () => {
      journal?.replaceChildren(); // the stream begins with what happened lately
      tell('on', 'Live');
    });
    source.addEventListener('error', () => tell('off', 'Not live, trying again…'));
    source.addEventListener('connection', ({ data }: MessageEvent<string>) =>
      show(JSON.parse(data) as ConnectionView),
    );
    source.addEventListener('token', ({ data }: MessageEvent<string>) =>
      journal?.prepend(line(JSON.parse(data) as EventLine)),
    );
    source.addEventListener('fleet', ({ data }: MessageEvent<string>) =>
      fleet?.replaceChildren(...(JSON.parse(data) as FleetLine[]).map(row)),
    );
  }

  function row({ client, grants, expiring, failing, lastError }: FleetLine): HTMLTableRowElement {
    const cells = document.createElement('tr');
    cells.dataset['fleetClient'] = client;
    for (const text of [client, grants, expiring, failing, lastError]) {
      cells.insertCell().textContent = String(text);
    }
    return cells;
  }

  function line({ at, client, type, text }: EventLine): HTMLLIElement {
    const item = document.createElement('li');
    item.dataset['type'] = type;
    const time = document.createElement('time');
    time.dateTime = new Date(at).toISOString();
    time.textContent = new Date(at).toLocaleTimeString();
    const name = document.createElement('code');
    name.textContent = client;
    const what = document.createElement('span');
    what.textContent = text;
    item.append(time, name, what);
    return item;
  }
}

export const pageScript = `(${run.toString()})();\n`;
