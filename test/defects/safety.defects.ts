import type { Defect } from './planted-copy.js';

const CALLBACK = 'test/session/authorization-code.callback.spec.ts';

/** What would give a token to somebody else, or show it. */
export const SAFETY_DEFECTS: readonly Defect[] = [
  {
    name: 'no state check',
    edits: [
      {
        file: 'lib/session/authorization-callback.ts',
        replace: 'const request = state && (await this.#requests.take(sha256(state)));',
        by: `const taken = state && (await this.#requests.take(sha256(state)));
    const { subject } = session;
    const request = taken ||
      { client: settings.name, subject, scope: [], createdAt: clock.now() };`,
      },
    ],
    foundBy: { file: CALLBACK, title: 'the state of a callback is refused when it was never sent' },
  },
  {
    name: 'a state can be used twice',
    edits: [
      {
        file: 'lib/store/memory.authorization-request-store.ts',
        replace: 'this.#requests.set(stateHash, {}, { ttl });',
        by: '',
      },
    ],
    foundBy: { file: CALLBACK, title: 'the state of a callback works once' },
  },
  {
    name: 'no binding check',
    edits: [
      {
        file: 'lib/session/authorization-callback.ts',
        replace: "if (typeof browser !== 'string' || !hashesTo(browser, bindingHash)) {",
        by: "if (bindingHash === '') {",
      },
    ],
    foundBy: {
      file: CALLBACK,
      title: 'the browser of a callback is refused when it is another one, and the flow is spent',
    },
  },
  {
    name: 'PKCE verifier not sent',
    edits: [
      {
        file: 'lib/pipeline/grant-request.ts',
        replace: 'code_verifier: flow.codeVerifier,',
        by: '',
      },
    ],
    foundBy: {
      file: 'test/session/authorization-code.spec.ts',
      title: 'the proof key is a hash on the way out, and its verifier on the way back',
    },
  },
  {
    name: 'no origin check',
    edits: [
      {
        file: 'lib/pipeline/request-target.ts',
        replace: 'if (!this.#isListed(url, token)) throw this.#notAllowed(url, token);',
        by: '',
      },
    ],
    foundBy: {
      file: 'test/safety/origins.spec.ts',
      title: 'an address that is not allowed is refused before anything is sent: another port',
    },
  },
  {
    name: 'a redirect to another origin carries the token',
    edits: [
      {
        file: 'lib/pipeline/redirects.ts',
        replace: 'if (hop.withToken && this.#target.allows(url, token)) {',
        by: 'if (hop.withToken) {',
      },
    ],
    foundBy: {
      file: 'test/safety/foreign-redirects.spec.ts',
      title:
        'a redirect to another origin is followed without the token, as the caller wrote it: 302',
    },
  },
  {
    name: 'keys joined by a colon',
    edits: [
      {
        file: 'lib/store/token-key.ts',
        replace: 'const grant = `${client.length}:${client}${subject.length}:${subject}`;',
        by: 'const grant = `${client}:${subject}`;',
      },
    ],
    foundBy: {
      file: 'test/defects/named/keys.spec.ts',
      title: 'users of clients whose names and subjects run together have each their own token',
    },
  },
  {
    name: 'a secret in a message',
    edits: [
      {
        file: 'lib/pipeline/token-endpoint.ts',
        replace: 'nature: normalised.nature,',
        by: 'nature: `no token for ${String(seen.body)}`,',
      },
    ],
    foundBy: {
      file: 'test/safety/redaction.errors.spec.ts',
      title: 'an error of ours shows no secret: a token endpoint that fails',
    },
  },
  {
    name: "the keys of the client's agent on error.config",
    edits: [
      {
        file: 'lib/pipeline/flight.ts',
        replace: 'if (value === undefined) delete target[key];',
        by: "if (key === 'httpsAgent') continue; else if (value === undefined) delete target[key];",
      },
    ],
    foundBy: {
      file: 'test/safety/redaction.http.spec.ts',
      title: 'an error of a 404 shows no secret, however it is printed',
    },
  },
];
