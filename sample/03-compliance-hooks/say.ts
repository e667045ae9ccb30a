/** Prints one line of the story: who, and what. */
export function say(who: string, what: string): void {
  process.stdout.write(`  ${who.padEnd(28)}${what}\n`);
}

/** Prints what happens next. */
export function chapter(title: string): void {
  process.stdout.write(`${title}\n`);
}
