import { randomBytes } from 'node:crypto';
import { escaped, plainPage } from '../problem.page.js';
import type { Reply } from './reply.js';

/** The field by which our own page is told from the one of the authorization server. */
const RELAYED = 'oauth_relayed';
/** What an authorization response may hold; nothing else is taken on. */
const FIELDS = [
  'state',
  'code',
  'error',
  'error_description',
  'error_uri',
  'iss',
  'id_token',
  'access_token',
  'refresh_token',
];
const MAX_FIELDS = 30;

/** Whether a form was sent by {@link formPostPage}. */
export function isRelayed(form: URLSearchParams): boolean {
  return form.has(RELAYED);
}

/** What a form holds of an authorization response; repeats are kept, since they are judged. */
export function responseFields(form: URLSearchParams): URLSearchParams {
  const known = [...form].filter(([name]) => FIELDS.includes(name));
  return new URLSearchParams(known.slice(0, MAX_FIELDS));
}

/**
 * A page that sends the same fields once more, from our own origin, where the browser sends the
 * cookies along: from the authorization server's page it sends none. Nothing is judged or used yet,
 * so that anybody gets the page. Without scripts there is a button. OAuth 2.0 Form Post Response Mode.
 */
export function formPostPage(fields: URLSearchParams): Reply {
  const nonce = randomBytes(16).toString('base64url');
  const inputs = [...fields, [RELAYED, '1'] as const].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>One moment</title><meta name="robots" content="noindex"></head>
<body>
<form method="post">
${inputs.join('\n')}
<p>You are almost there.</p>
<button type="submit">Continue</button>
</form>
<script nonce="${nonce}">document.forms[0].submit()</script>
</body>
</html>
`;
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    // With `no-referrer` the browser would name no origin when it posts.
    'Referrer-Policy': 'same-origin',
  };
  return { status: 200, headers, body };
}

/**
 * A page that goes on by itself, where {@link formPostPage} has posted: its policy would judge a
 * redirect, too, and every redirect after that, by which the application may lead elsewhere.
 * Chromium does so. Content Security Policy Level 3, section 6.4.1.
 *
 * @param path - Inside this application, ready for a header.
 */
export function onwardPage(path: string): Reply {
  const href = escaped(path);
  return plainPage({
    status: 200,
    title: 'One moment',
    head: `<meta http-equiv="refresh" content="0;url=${href}">`,
    main: `<a href="${href}">Continue</a>`,
  });
}
