import { createHash } from 'node:crypto';
import { html, Html, type Piece } from './html.js';
import { style } from './page.style.js';

export interface Page {
  title: string;
  body: Html;
  /** Whose page it is: the colour, and the name at the top. */
  owner: { name: string; theme: 'application' | 'provider'; href?: string };
  /** Address of a script of the same origin. */
  script?: string;
}

// Whole, since the policy below names it by its hash, and a space more would change that.
const sheet = new Html(`<style>${style}</style>`);

/** The frame that every page of the samples stands in. */
export function page({ title, body, owner, script }: Page): string {
  const name: Piece = owner.href ? html`<a href="${owner.href}">${owner.name}</a>` : owner.name;
  return html`<!doctype html>
    <html lang="en" class="${owner.theme}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${owner.name}</title>
        <link rel="icon" href="data:," />
        ${sheet} ${script ? html`<script src="${script}" defer></script>` : ''}
      </head>
      <body>
        <header class="bar"><p>${name}</p></header>
        <main>${body}</main>
      </body>
    </html>`.markup;
}

/** Nothing from elsewhere, no frames around it: a page with a secret in its address shows it to nobody. */
export const pageHeaders: Record<string, string> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
