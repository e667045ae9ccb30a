import { OAuthClientError, type OAuthClientErrorDetails } from './oauth-client.error.js';

/** One mistake in the options of the module. */
export interface ConfigurationProblem {
  /** The client whose option is wrong; absent for options of the module itself. */
  client?: string;
  /** The option, as a path such as `refresh.leewaySeconds`. */
  option: string;
  /** What is wrong with it. */
  problem: string;
  /** How to mend it. */
  remedy: string;
}

/**
 * Something about the configuration, or the way a session is used, cannot work: wrong options (all
 * of them at once, at boot), a call without a subject, an option that a single call may not set.
 */
export class ConfigurationError extends OAuthClientError {
  /** Every problem found, where the error reports option mistakes; else empty. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(details: OAuthClientErrorDetails & { problems?: readonly ConfigurationProblem[] }) {
    super('configuration', details);
    this.problems = details.problems ?? [];
  }

  /** The one error that reports every option mistake, each with client, option and remedy. */
  static from(problems: readonly ConfigurationProblem[]): ConfigurationError {
    const lines = problems.map(({ client, option, problem, remedy }) => {
      const where = client === undefined ? 'module options' : `client "${client}"`;
      return `  - ${where}, option "${option}": ${problem} ${remedy}`;
    });
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const client = problems.length === 1 ? problems[0]?.client : undefined;
    return new ConfigurationError({
      client,
      problem: `The OAuth client options have ${count}:\n${lines.join('\n')}\n`,
      remedy: 'Mend the options named above.',
      problems,
    });
  }
}

/**
 * An endpoint or API address is `http://` and the client does not set `allowInsecureHttp`; of a
 * client from a repository: or its host is not in `registrations.allowedHosts`.
 */
export class InsecureTransportError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('insecure_transport', details);
  }
}

/**
 * A request, or a redirect of one, would have carried the token to an origin that is not in the
 * client's `allowedOrigins`; or a client from a repository would have connected to a host that is
 * not on the public internet. Nothing was sent there.
 */
export class OriginNotAllowedError extends OAuthClientError {
  /** The origin that was refused, such as `https://other.example`. */
  readonly origin: string;

  constructor(details: OAuthClientErrorDetails & { origin: string }) {
    super('origin_not_allowed', details);
    this.origin = details.origin;
  }
}

/** The application is shutting down and no new token is acquired any more. */
export class ShuttingDownError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('shutting_down', details);
  }
}

/** A hook or handler asked for the very token that is being acquired and waits for it. */
export class ReentrantTokenRequestError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('reentrant_token_request', details);
  }
}

/**
 * The repository of client registrations failed or gave no answer in time: whether there is such a
 * client is not known. Trying again may help.
 */
export class RegistrationUnavailableError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('registration_unavailable', details);
  }
}

/** A hook or token handler of the application threw, returned nothing or took too long. */
export class HandlerError extends OAuthClientError {
  constructor(details: OAuthClientErrorDetails) {
    super('handler', details);
  }
}
