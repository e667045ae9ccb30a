import type { Attributes, Context } from '@opentelemetry/api';
import type { ToldRequest } from '../pipeline/telemetry.js';
import { ATTRIBUTES, OTHER } from './names.js';
import type { OpenTelemetry } from './opentelemetry.js';
import { quietly } from './quietly.js';
import { StepSpan } from './step.span.js';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH']);

/** Which token request, and what counts it; the count is that of the acquisition so far. */
interface AskedRequest {
  readonly client: string;
  readonly grantType: string;
  readonly begun: () => number;
}

/** The span of one token request; spans of HTTP instrumentations nest below it. */
export class RequestSpan extends StepSpan implements ToldRequest {
  readonly #asked: AskedRequest;
  #isSent = false;

  constructor(telemetry: OpenTelemetry, parent: Context, asked: AskedRequest) {
    const { client, grantType } = asked;
    super(
      telemetry,
      parent,
      {
        name: 'token_request',
        kind: telemetry.api.SpanKind.CLIENT,
        attributes: { [ATTRIBUTES.client]: client, [ATTRIBUTES.grantType]: grantType },
      },
      ({ outcome, errorType }) => {
        if (!this.#isSent) return;
        const attributes = telemetry.attributes(client, { outcome, errorType, grantType });
        telemetry.instruments.requests.add(1, attributes);
      },
    );
    this.#asked = asked;
  }

  sending({ url, method }: { readonly url: URL; readonly method: string }): void {
    this.#isSent = true;
    quietly(() => this.span?.setAttributes(this.#http(url, method)));
  }

  /** Never the URL: a query may hold the whole form. */
  #http(address: URL, method: string): Attributes {
    const resends = this.#asked.begun() - 1;
    const name = method.toUpperCase();
    const attributes: Attributes = {
      [ATTRIBUTES.method]: METHODS.has(name) ? name : OTHER,
      ...(resends > 0 && { [ATTRIBUTES.resendCount]: resends }),
    };
    // A hook may have left something else there; it is judged when it is sent.
    if (!URL.canParse(String(address))) return attributes;
    const { hostname, port, protocol } = new URL(String(address));
    const known = port || { 'https:': '443', 'http:': '80' }[protocol];
    return {
      ...attributes,
      [ATTRIBUTES.serverAddress]: hostname,
      ...(known !== undefined && { [ATTRIBUTES.serverPort]: Number(known) }),
    };
  }
}
