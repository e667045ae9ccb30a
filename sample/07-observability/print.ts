/** Prints what happens next. */
export function chapter(title: string): void {
  process.stdout.write(`${title}\n`);
}

/** Prints text below one another, with what it is of: an event, a trace, an answer. */
export function print(what: string, text: string): void {
  const [first = '', ...rest] = text.split('\n');
  process.stdout.write(`  ${what.padEnd(8)}${first}\n`);
  for (const line of rest) print('', line);
}

/** Those that are alike once, and how many they are: `10 × GET /files`. */
export function counted(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${count} × ${text}`));
}
