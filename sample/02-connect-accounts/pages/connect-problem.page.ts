import {
  AuthorizationResponseError,
  MismatchingStateError,
  OAuthClientError,
} from 'nestjs-oauth-client';
import { html, type Html } from '../../shared/html.js';
import { page } from '../../shared/page.js';
import type { Account } from '../connections/accounts.js';
import { owner } from './owner.js';

interface Problem {
  status: number;
  title: string;
  text: Html;
}

/** Why a connection was not made, in plain words, and a way on. */
export function connectProblemPage(
  error: unknown,
  account: Account,
  connected: boolean,
): { status: number; page: string } {
  const { status, title, text } = problem(error, account);
  const body = html`
    <section class="card narrow" data-problem="${status}">
      <h1>${title}</h1>
      <p>${text}</p>
      <p>${untouched(account, connected)}</p>
      <div class="buttons">
        <a class="button primary" href="/">Back to your connections</a>
        ${!connected && tryAgain(account)}
      </div>
    </section>
  `;
  return { status, page: page({ title, owner, body }) };
}

function problem(error: unknown, { title }: Account): Problem {
  if (error instanceof AuthorizationResponseError && error.error === 'access_denied') {
    return {
      status: 200, // a "no" is a good answer, too
      title: `${title} was not connected`,
      text: html`You chose “Cancel” at Acme, so nothing was given to us.`,
    };
  }
  if (error instanceof AuthorizationResponseError) {
    return {
      status: 502,
      title: `Acme could not connect ${title}`,
      text: html`It said: ${error.errorDescription ?? error.error}.`,
    };
  }
  if (error instanceof MismatchingStateError) {
    return {
      status: 400,
      title: 'This address has done its work',
      text: html`It finishes a connection once, in the browser that began it. It was opened a second
      time (by Back or Reload, for instance), too late, or in another browser, so we did nothing
      with it.`,
    };
  }
  if (error instanceof OAuthClientError) {
    return {
      status: 502,
      title: `${title} could not be connected`,
      text: html`Acme could not be asked (${error.code}). Trying again may help.`,
    };
  }
  throw error;
}

function tryAgain({ client, title }: Account): Html {
  return html`<a class="button" href="/connections/${client}/connect">Connect ${title}</a>`;
}

function untouched({ title }: Account, connected: boolean): string {
  return connected
    ? `Nothing is lost: ${title} is connected, as it was before.`
    : 'Whatever you connected before is still connected.';
}
