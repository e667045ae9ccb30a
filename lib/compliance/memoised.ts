/** The same function, asked once for each class: many providers may be of one. */
export function memoised<T>(ask: (type: Function) => T): (type: Function) => T {
  const answers = new Map<Function, T>();
  return (type) => {
    if (!answers.has(type)) answers.set(type, ask(type));
    return answers.get(type) as T;
  };
}
