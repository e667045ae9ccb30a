import type * as OidcProvider from 'oidc-provider';

const UNSUPPORTED = 'oidc-provider WARNING: Unsupported runtime';

/**
 * Loads `oidc-provider`. On Node 20 it warns, while it is imported, that it is made for newer
 * releases; it runs all the same, so that one line is left out. Whatever else it says is shown.
 */
export async function loadOidcProvider(): Promise<typeof OidcProvider> {
  const { warn } = console;
  console.warn = (...message: unknown[]) => {
    if (!String(message[0]).includes(UNSUPPORTED)) warn(...message);
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
