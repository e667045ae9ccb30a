import { Controller, Get, Redirect, Req } from '@nestjs/common';
import type { Request } from 'express';
import { OAuthClient, type OAuthSession } from 'nestjs-oauth-client';
import { map, type Observable } from 'rxjs';

/** A real application knows both from the cookie of the person's session; here, there is one person. */
const person = 'ada';
const binding = 'the id of the session of the browser';

@Controller()
export class FilesController {
  constructor(@OAuthClient('files') private readonly files: OAuthSession) {}

  @Get('connect')
  @Redirect()
  async connect(): Promise<{ url: string }> {
    const { url } = await this.files.for(person).authorizationUrl({ binding });
    return { url };
  }

  /** Whichever replica the browser comes back to. */
  @Get('callback')
  async callback(@Req() request: Request): Promise<string> {
    const authorizationResponse = request.originalUrl;
    const { subject } = await this.files.completeAuthorization({ authorizationResponse, binding });
    return `${subject} is connected`;
  }

  /** Not a word about replicas in here, nor about tokens. */
  @Get('files')
  list(): Observable<string> {
    return this.files
      .for(person)
      .get<{ subject: string }>('/files')
      .pipe(map(({ data }) => `the files of ${data.subject}`));
  }
}
