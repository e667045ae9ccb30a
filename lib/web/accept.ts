import type { RequestView } from './routes/request.view.js';

const HTML = ['text/html', 'application/xhtml+xml'];
const JSON_TYPES = ['application/json', 'application/problem+json'];
/** Longer than that is no browser's, and not read to its end. */
const MAX_LENGTH = 2_000;
const WEIGHT = /^[ \t]*q[ \t]*=[ \t]*([01](?:\.\d{0,3})?)[ \t]*$/i;

/** Whether an `Accept` header asks for a page rather than for JSON. RFC 9110, section 12.5.1. */
export function prefersHtml(accept: string | undefined): boolean {
  const ranges = (accept ?? '').slice(0, MAX_LENGTH).toLowerCase().split(',').map(rangeOf);
  const weight = (types: readonly string[]) =>
    Math.max(...types.map((type) => weightOf(type, ranges)));
  return weight(HTML) > weight(JSON_TYPES);
}

/**
 * Whether a request is a person's, who goes from page to page: such a one can be sent elsewhere.
 * Browsers say so themselves; where one does not, the `Accept` header counts.
 */
export function isNavigation(view: RequestView): boolean {
  if (view.method !== 'GET') return false;
  const purpose = `${view.header('sec-purpose') ?? ''}${view.header('purpose') ?? ''}`;
  if (/prefetch|prerender|preview/i.test(purpose)) return false;
  const mode = view.header('sec-fetch-mode');
  if (mode === undefined) return prefersHtml(view.header('accept'));
  return mode === 'navigate' && (view.header('sec-fetch-dest') ?? 'document') === 'document';
}

interface Range {
  readonly type: string;
  readonly weight: number;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';');
  const weights = parameters.flatMap((parameter) => WEIGHT.exec(parameter)?.[1] ?? []);
  return { type: type.trim(), weight: Math.min(1, Number(weights[0] ?? 1)) };
}

/** The weight by the range that fits closest; none fits: not acceptable. */
function weightOf(type: string, ranges: readonly Range[]): number {
  const [family = ''] = type.split('/');
  for (const fitting of [type, `${family}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === fitting);
    if (range) return range.weight;
  }
  return 0;
}
