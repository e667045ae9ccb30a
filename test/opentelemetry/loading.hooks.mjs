// Loader hooks that tell which modules of ours and of OpenTelemetry are resolved, and that can make
// `@opentelemetry/api` a package which is not installed.
let settings;

export function initialize(given) {
  settings = given;
}

export async function resolve(specifier, context, nextResolve) {
  const isApi = specifier.startsWith('@opentelemetry/');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- It is no window.
  if (isApi || specifier.includes('/opentelemetry/')) settings.port.postMessage(specifier);
  if (isApi && settings.isMissing) {
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
  }
  return nextResolve(specifier, context);
}
