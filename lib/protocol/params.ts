/** Parameters of a request; a list sends the name once for each value. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sets parameters on a form or query: a name given here replaces what was there, repeats kept. */
export function setParams(target: URLSearchParams, params: Params | undefined): void {
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value === undefined) continue;
    target.delete(name);
    for (const item of typeof value === 'string' ? [value] : value) target.append(name, item);
  }
}
