import { Controller, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import { OAuthClient, OAuthExceptionFilter, type OAuthSession } from 'nestjs-oauth-client';
import { map, type Observable } from 'rxjs';
import { RequestSpanInterceptor } from './request-span.interceptor.js';

/** Not a word about traces and metrics in here: the sessions make them. */
@Controller()
@UseInterceptors(RequestSpanInterceptor)
@UseFilters(OAuthExceptionFilter) // a provider that is out: 503, and Retry-After
export class CallsController {
  constructor(
    @OAuthClient('files') private readonly files: OAuthSession,
    @OAuthClient('billing') private readonly billing: OAuthSession,
  ) {}

  /** For a user. */
  @Get('files')
  list(): Observable<unknown> {
    return this.files
      .for('ada')
      .get('/files')
      .pipe(map(({ data }) => data as unknown));
  }

  /** For the application itself. */
  @Get('invoices')
  invoices(): Observable<unknown> {
    return this.billing.get('/invoices').pipe(map(({ data }) => data as unknown));
  }
}
