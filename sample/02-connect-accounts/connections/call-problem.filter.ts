import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { AuthorizationRequiredError, OAuthClientError } from 'nestjs-oauth-client';

/** A call that could not carry a token: what the person can do about it, in words. */
@Catch(OAuthClientError)
export class CallProblemFilter implements ExceptionFilter<OAuthClientError> {
  catch(error: OAuthClientError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (error instanceof AuthorizationRequiredError) {
      response.status(409).json({ message: 'Connect this account first, then try again.' });
    } else {
      response.status(502).json({ message: `Acme could not be asked (${error.code}).` });
    }
  }
}
