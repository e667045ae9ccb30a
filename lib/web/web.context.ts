import { UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import { ConfigurationError } from '../errors/configuration.errors.js';
import type { OAuthClientRegistry } from '../session/oauth-client.registry.js';
import type { OAuthSession } from '../session/oauth-session.js';
import type { OAuthWebOptions, WebRequest } from './web.options.js';

/** What routes, decorators, guards and the filter share: whose request it is, and which session. */
export class WebContext {
  readonly options: OAuthWebOptions;
  readonly #registry: OAuthClientRegistry;

  constructor(options: OAuthWebOptions, registry: OAuthClientRegistry) {
    this.options = options;
    this.#registry = registry;
  }

  /** The request behind a handler of any kind: where it is none of HTTP, the application knows it. */
  requestOf(context: ExecutionContext): WebRequest {
    if (context.getType() === 'http') return context.switchToHttp().getRequest<WebRequest>();
    const { options } = this;
    if (options.requestOf) return options.requestOf(context);
    throw new ConfigurationError({
      problem: `A handler of the kind ${context.getType()} asks for the session of its user.`,
      remedy: 'Set the option requestOf, which finds the request behind it.',
    });
  }

  /** Who is signed in; nobody where the application says so. */
  async subjectOf(request: WebRequest): Promise<string | undefined> {
    const { options } = this;
    if (!options.subject) {
      throw new ConfigurationError({
        problem: 'Nothing says whose tokens a request is about.',
        remedy: 'Set the option subject of the module, such as (request) => request.user?.id.',
      });
    }
    const found = await options.subject(request);
    if (found === undefined || found === null) return undefined;
    if (typeof found === 'string' && found !== '') return found;
    throw new ConfigurationError({
      problem: 'The option subject answered something that is not the identifier of a user.',
      remedy: 'Answer a text that is not empty, or undefined where nobody is signed in.',
    });
  }

  /** As {@link WebContext.subjectOf}; nobody is an answer of status 401. */
  async demandSubject(request: WebRequest): Promise<string> {
    const subject = await this.subjectOf(request);
    if (subject === undefined) throw new UnauthorizedException();
    return subject;
  }

  /**
   * The client's own session; one of the registration repository is loaded where it has to be.
   *
   * @throws ConfigurationError for a name that nobody knows; RegistrationUnavailableError.
   */
  async client(name: string): Promise<OAuthSession> {
    return this.#registry.resolve(name);
  }
}
