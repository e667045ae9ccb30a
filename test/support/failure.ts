import { expect } from 'vitest';
import type { OAuthClientError } from 'nestjs-oauth-client';

type ErrorClass<T> = abstract new (...parts: never[]) => T;

/** What a promise, or a function that is called, fails with; of the given class, or the test fails. */
export async function failure<T extends Error = OAuthClientError>(
  of: Promise<unknown> | (() => unknown),
  type: ErrorClass<T>,
): Promise<T> {
  try {
    await (typeof of === 'function' ? of() : of);
  } catch (error) {
    expect(error).toBeInstanceOf(type);
    return error as T;
  }
  throw new Error(`Nothing failed, and ${type.name} was expected`);
}
