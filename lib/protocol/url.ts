/**
 * A URL, or `undefined` for what is none. Not by `URL.canParse()`: after some thousand calls, Node
 * 20 reads the text that it is given in another encoding than `URL` itself.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
