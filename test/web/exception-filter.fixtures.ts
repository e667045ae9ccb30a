import { Controller, Get, Post, UseFilters } from '@nestjs/common';
import { AxiosError } from 'axios';
import {
  AuthorizationRequiredError,
  AuthorizationResponseError,
  ConfigurationError,
  CurrentSession,
  LeaseTimeoutError,
  MismatchingStateError,
  OAuthExceptionFilter,
  OAuthSession,
  TokenEndpointError,
} from 'nestjs-oauth-client';
import { firstValueFrom } from 'rxjs';

/** A text as an attacker would like a page, or a log, to show it. */
export const ATTACK = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\r\nforged: line`;

/** Handlers that fail in every way that the filter knows, and in some that it does not. */
@UseFilters(OAuthExceptionFilter)
@Controller()
export class Failing {
  @Get('repositories')
  async repositories(@CurrentSession('github') github: OAuthSession): Promise<unknown> {
    return (await firstValueFrom(github.get<unknown>('/user/repos'))).data;
  }

  @Post('repositories')
  create(@CurrentSession('github') github: OAuthSession): Promise<unknown> {
    return this.repositories(github);
  }

  @Get('of-bob')
  ofBob(): never {
    throw required('bob');
  }

  @Get('of-all')
  ofAll(): never {
    throw required('');
  }

  @Get('refused')
  refused(): never {
    throw new AuthorizationResponseError({
      client: 'github',
      error: 'access_denied',
      errorDescription: ATTACK,
      returnTo: '/settings',
    });
  }

  @Get('state')
  state(): never {
    throw new MismatchingStateError({ client: 'github', problem: 'The state is unknown.' });
  }

  @Get('configuration')
  configuration(): never {
    const problem = 'The key file /etc/keys/github.pem is missing.';
    throw new ConfigurationError({ client: 'github', problem, remedy: 'Mount it.' });
  }

  @Get('busy')
  busy(): never {
    const cause = { problem: 'The server rests.', remedy: 'Wait.', client: 'github' };
    throw new TokenEndpointError({ ...cause, endpoint: 'token', status: 429, retryAfter: 7 });
  }

  @Get('broken')
  broken(): never {
    const cause = { problem: 'The server is broken.', remedy: 'Wait.', client: 'github' };
    throw new TokenEndpointError({ ...cause, endpoint: 'token', status: 500 });
  }

  @Get('lease')
  lease(): never {
    throw new LeaseTimeoutError({ problem: 'It took too long.', remedy: 'Wait.' });
  }

  @Get('axios')
  axios(): never {
    throw new AxiosError('Request failed with status code 500', 'ERR_BAD_RESPONSE');
  }

  @Get('plain')
  plain(): never {
    throw new TypeError('plain');
  }
}

/** Fails wherever it is asked, whatever the path. */
@UseFilters(OAuthExceptionFilter)
@Controller()
export class Everywhere {
  @Get('*')
  fail(): never {
    throw required('alice');
  }
}

function required(subject: string): AuthorizationRequiredError {
  const problem = 'There is no token for this subject.';
  return new AuthorizationRequiredError({ client: 'github', subject, reason: 'no_token', problem });
}
