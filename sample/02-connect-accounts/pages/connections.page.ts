import { html, type Html } from '../../shared/html.js';
import { page } from '../../shared/page.js';
import type { ConnectionState, ConnectionView } from '../connections/connection.view.js';
import type { Visitor } from '../visitors/visitors.service.js';
import { owner } from './owner.js';

export interface Connections {
  visitor: Visitor;
  views: ConnectionView[];
  /** Where the provider's own pages are. */
  acme: string;
}

/** The connections of a visitor. The script fills in what changes, here are the places for it. */
export function connectionsPage({ visitor, views, acme }: Connections): string {
  const body = html`
    <div class="intro">
      <h1>Your connections</h1>
      <p>
        You are <strong>${visitor.id}</strong>: a cookie of this browser says so.
        <span class="live" data-live role="status">Connecting to live updates…</span>
      </p>
      <p class="quiet">
        What you allow here can be withdrawn on
        <a href="${acme}/account">your Acme account page</a>.
      </p>
      <noscript><p>The buttons and the live view of this page need JavaScript.</p></noscript>
    </div>
    <div class="cards">${views.map(card)}</div>
    <section class="card journal" aria-labelledby="journal">
      <h2 id="journal">What happened to the tokens</h2>
      <ol data-journal tabindex="0" aria-labelledby="journal"></ol>
      <p class="quiet" data-journal-empty>Nothing yet.</p>
    </section>
    <section class="card fleet" aria-labelledby="fleet">
      <h2 id="fleet">All users together</h2>
      <p class="quiet">
        What operators see: counted by <code>registry.status()</code>, nobody named.
      </p>
      <table>
        <thead>
          <tr>
            ${fleetColumns.map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody data-fleet></tbody>
      </table>
    </section>
  `;
  return page({ title: 'Your connections', owner, body, script: '/page.js' });
}

const fleetColumns = ['Client', 'Grants', 'Ended or ending', 'Failing', 'Last error'];

const personWords: Record<ConnectionState, string> = {
  connected: 'Connected',
  expired: 'Expired',
  'not-connected': 'Not connected',
  'needs-reconnect': 'Needs reconnecting',
};
const machineWords = { ...personWords, connected: 'Ready', 'not-connected': 'No token yet' };

function card(view: ConnectionView): Html {
  const { client, title, purpose, actsFor } = view;
  const words = actsFor === 'person' ? personWords : machineWords;
  return html`
    <section
      class="card connection"
      data-client="${client}"
      data-state="${view.state}"
      data-acts-for="${actsFor}"
      data-view="${JSON.stringify(view)}"
      data-words="${JSON.stringify(words)}"
      aria-labelledby="${client}"
    >
      <header>
        <h2 id="${client}">${title}</h2>
        <span class="state" data-part="state" role="status">${words[view.state]}</span>
      </header>
      <p>${purpose}</p>
      <dl>
        <div>
          <dt>Client</dt>
          <dd><code>${client}</code></dd>
        </div>
        <div>
          <dt>Scopes</dt>
          <dd data-part="scopes">${view.scopes.join(' ') || '–'}</dd>
        </div>
        <div>
          <dt>Token</dt>
          <dd data-part="expiry">–</dd>
        </div>
      </dl>
      <div class="buttons">
        ${actsFor === 'person' && connectButtons(view)}
        <button data-action="call">Call the API once</button>
        <button data-action="burst">100 calls on an expired token</button>
      </div>
      <div class="result" data-part="result" role="status"></div>
    </section>
  `;
}

function connectButtons({ client, title }: ConnectionView): Html {
  return html`
    <a
      class="button primary"
      data-action="connect"
      href="/oauth/${client}/authorize"
      aria-label="Connect ${title}"
      >Connect</a
    >
    <button data-action="disconnect" aria-label="Disconnect ${title}">Disconnect</button>
  `;
}
