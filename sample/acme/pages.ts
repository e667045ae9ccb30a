import { html, type Html } from '../shared/html.js';
import { page } from '../shared/page.js';
import { scopes as descriptions } from './scopes.js';

const owner = { name: 'Acme', theme: 'provider' } as const;

export interface ConsentQuestion {
  application: string;
  scopes: string[];
  /** Who is signed in at Acme already. */
  account?: string;
}

/** "May this application …?", with the sign-in on the same page. */
export function consentPage({ application, scopes, account }: ConsentQuestion): string {
  const body = html`
    <section class="card narrow">
      <h1>Let ${application} use your Acme account?</h1>
      <p>It will be able to:</p>
      <ul class="ticks">
        ${scopes.map((scope) => html`<li>${descriptions[scope] ?? scope} <code>${scope}</code></li>`)}
      </ul>
      <form method="post">
        ${account ? signedInAs(account) : signIn()}
        <div class="buttons">
          <button class="primary" name="answer" value="allow">Allow</button>
          <button name="answer" value="cancel" formnovalidate>Cancel</button>
        </div>
      </form>
      <p class="quiet">
        You can withdraw this at any time on your <a href="/account">account page</a>.
      </p>
    </section>
  `;
  return page({ title: 'Give access', owner, body });
}

function signIn(): Html {
  return html`<p class="field">
    <label for="account">Who are you at Acme?</label>
    <input
      id="account"
      name="account"
      value="alice"
      required
      maxlength="40"
      pattern="[a-z0-9._\\-]+"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="account-hint"
    />
    <span id="account-hint" class="quiet"
      >Any name in small letters will do, without a password: this is a sample.</span
    >
  </p>`;
}

function signedInAs(account: string): Html {
  return html`<p>You are signed in at Acme as <strong>${account}</strong>.</p>`;
}

export interface GivenAccess {
  clientId: string;
  application: string;
}

/** What the person has allowed, each with a way to take it back. */
export function accountPage(account: string | undefined, given: GivenAccess[]): string {
  const body = html`
    <section class="card narrow">
      <h1>Your Acme account</h1>
      ${account ? signedInAs(account) : html`<p>You are not signed in at Acme.</p>`}
      ${given.map(
        ({ clientId, application }) =>
          html`<form method="post" class="row">
            <span>${application} may use your account.</span>
            <button name="client" value="${clientId}">Withdraw</button>
          </form>`,
      )}
      ${account && given.length === 0 && html`<p>No application may use your account.</p>`}
    </section>
  `;
  return page({ title: 'Your account', owner, body });
}

export function errorPage(reason: string): string {
  const body = html`
    <section class="card narrow">
      <h1>This page can’t go on</h1>
      <p>Acme says: ${reason}.</p>
      <p>Go back to the application that sent you here and begin again from there.</p>
    </section>
  `;
  return page({ title: 'Can’t go on', owner, body });
}
