/** Parameters of a request; a list sends the name once for each value. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The names whose values are neither text nor a list of texts, which cannot be sent. */
export function mistypedParams(params: object): string[] {
  return Object.entries(params).flatMap(([name, value]: [string, unknown]) => {
    const values: unknown[] = Array.isArray(value) ? Array.from(value) : [value ?? ''];
    return value !== null && values.every((item) => typeof item === 'string') ? [] : [name];
  });
}

/** Sets parameters on a form or query: a name given here replaces what was there, repeats kept. */
export function setParams(target: URLSearchParams, params: Params | undefined): void {
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value === undefined) continue;
    target.delete(name);
    for (const item of typeof value === 'string' ? [value] : value) target.append(name, item);
  }
}
