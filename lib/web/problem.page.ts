import { createHash } from 'node:crypto';
import { PRIVATE_HEADERS, type Reply } from './routes/reply.js';

/** What a page says, as plain text; it is escaped here and nowhere else. */
export interface ProblemPage {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What can be done about it: a path of this application. */
  readonly action?: { readonly href: string; readonly label: string } | undefined;
}

const STYLE = [
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}',
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}',
  'main{max-width:32rem;padding:2rem}',
  'h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}',
  'p{margin:0 0 1.5rem;overflow-wrap:anywhere}',
  'a{display:inline-block;padding:.6rem 1.1rem;border-radius:.5rem;background:#0b57d0;color:#fff;text-decoration:none}',
  'a:focus-visible{outline:3px solid Highlight;outline-offset:3px}',
  'small{display:block;margin-top:2rem;opacity:.75}',
].join('');

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The page loads nothing, runs nothing, posts nothing, and stands in no frame. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...PRIVATE_HEADERS,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'X-Frame-Options': 'DENY',
};

/** An answer for people: one small page, which needs nothing from elsewhere. */
export function problemPage({ status, title, detail, action }: ProblemPage): Reply {
  const link = action ? `<a href="${escaped(action.href)}">${escaped(action.label)}</a>` : '';
  const main = `<h1>${escaped(title)}</h1>
<p>${escaped(detail)}</p>
${link}
<small>Error ${status}</small>`;
  return plainPage({ status, title, main });
}

/** What a page is made of; `head` and `main` are markup, with nothing in it that is not escaped. */
interface PlainPage {
  readonly status: number;
  readonly title: string;
  readonly head?: string;
  readonly main: string;
}

/** A page in the manner of all of them. */
export function plainPage({ status, title, head = '', main }: PlainPage): Reply {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
${head}
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
  return { status, headers: PAGE_HEADERS, body };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that a page shows as it is, between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
