import type { AxiosInstance } from 'axios';

type Groups = Record<string, unknown>;

/**
 * Takes the empty header groups of an instance's defaults (`get`, `post`, …) out of the way until
 * somebody asks for one: axios copies each of them at every call, which is a twentieth of all that
 * it does.
 */
export function deferEmptyHeaderGroups({ defaults }: AxiosInstance): void {
  const groups = defaults.headers as unknown as Groups;
  for (const [method, group] of Object.entries(groups)) {
    if (isEmptyGroup(group)) defer(groups, method);
  }
}

/** In no listing, and therefore in no copy; there like any other once it is read or set. */
function defer(groups: Groups, method: string): void {
  let group: object | undefined;
  Object.defineProperty(groups, method, {
    configurable: true,
    enumerable: false,
    get: () => {
      group ??= {};
      // Defaults that are frozen stay as they are.
      Reflect.defineProperty(groups, method, shown(group));
      return group;
    },
    // Set where it is asked for: that may be an object that inherits from these defaults.
    set(this: object, value: unknown) {
      Object.defineProperty(this, method, shown(value));
    },
  });
}

function shown(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** A date or a URL lists nothing, too, and is the value of a header. */
function isEmptyGroup(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain && Reflect.ownKeys(value).length === 0;
}
