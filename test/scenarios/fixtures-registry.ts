import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Request, Response } from 'express';
import {
  OAuthClient,
  OAuthClientError,
  OAuthClientModule,
  OAuthSession,
  type OAuthClientModuleOptions,
  type OAuthClientOptions,
} from 'nestjs-oauth-client';
import { onTestFinished } from 'vitest';

/** A web application whose users connect and log out in their browsers, as the README shows it. */
@Controller()
class WebApplication {
  constructor(@OAuthClient('client') private readonly client: OAuthSession) {}

  @Get('connect')
  async connect(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, browser, origin } = who(request);
    const begin = { binding: browser, returnTo: '/settings', redirectUri: `${origin}/callback` };
    const { url } = await this.client.for(user).authorizationUrl(begin);
    response.redirect(url);
  }

  @Get('callback')
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.#complete(request.originalUrl, request, response);
  }

  @Post('callback')
  async form(@Req() request: RawBodyRequest<Request>, @Res() response: Response): Promise<void> {
    await this.#complete(String(request.rawBody), request, response);
  }

  @Get('logout')
  async logout(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { user, browser, origin } = who(request);
    const back = { postLogoutRedirectUri: `${origin}/goodbye`, returnTo: '/bye' };
    const { url } = await this.client.for(user).logoutUrl({ ...back, binding: browser });
    response.redirect(url);
  }

  @Get('goodbye')
  async goodbye(@Req() request: Request, @Res() response: Response): Promise<void> {
    const logoutResponse = request.originalUrl;
    const { browser } = who(request);
    await answering(response, async () => {
      return (await this.client.completeLogout({ logoutResponse, binding: browser })).returnTo;
    });
  }

  async #complete(answer: string, request: Request, response: Response): Promise<void> {
    const { browser } = who(request);
    const options = { authorizationResponse: answer, binding: browser };
    await answering(
      response,
      async () => (await this.client.completeAuthorization(options)).returnTo,
    );
  }
}

/** Whose request it is: the application has logged its users in by itself. */
function who({ headers }: Request): { user: string; browser: string; origin: string } {
  const [user = '', browser = ''] = (headers.cookie ?? '').replace('session=', '').split('.');
  return { user, browser, origin: `http://${headers.host}` };
}

async function answering(
  response: Response,
  way: () => Promise<string | undefined>,
): Promise<void> {
  try {
    response.redirect((await way()) ?? '/');
  } catch (error) {
    if (!(error instanceof OAuthClientError)) throw error;
    response.status(400).json(error);
  }
}

/** A running web application with one client, named `client`. */
export interface RunningApplication {
  readonly origin: string;
  readonly session: OAuthSession;
}

/** Starts it on a free port; it is closed after the test. */
export async function startWebApplication(
  client: OAuthClientOptions,
  more: Partial<OAuthClientModuleOptions> = {},
): Promise<RunningApplication> {
  const testing = await Test.createTestingModule({
    imports: [OAuthClientModule.forRoot({ ...more, clients: { client } })],
    controllers: [WebApplication],
  }).compile();
  const application = testing.createNestApplication({ rawBody: true, logger: false });
  await application.listen(0, '127.0.0.1');
  onTestFinished(() => application.close());
  const { port } = (application.getHttpServer() as Server).address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, session: application.get('OAuthClient(client)') };
}

/** What a browser is shown at the end of its way. */
export interface Shown {
  readonly status: number;
  readonly location: string | null;
  readonly json: { code?: string; error?: string };
}

/** The browser of one user of the application. */
export class Browser {
  readonly #cookie: string;
  readonly #origin: string;

  constructor({ origin }: RunningApplication, user: string, name: string) {
    this.#origin = origin;
    this.#cookie = `session=${user}.${name}`;
  }

  /** Goes to a page of the application, or elsewhere; a redirect is the answer. */
  async open(address: string, init: RequestInit = {}): Promise<Shown> {
    const url = new URL(address, this.#origin);
    const headers = { connection: 'close', ...(url.origin === this.#origin && this.#own()) };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    const text = await response.text();
    const json = text.startsWith('{') ? (JSON.parse(text) as Shown['json']) : {};
    return { status: response.status, location: response.headers.get('location'), json };
  }

  /** From a page of the application to the server, which sends it back: where to. */
  async sentBackFrom(page: string): Promise<string> {
    const { location: away } = await this.open(page);
    const { location: back } = await this.open(away!);
    return back!;
  }

  /** Posts what a callback says in its query, as a server does with `response_mode=form_post`. */
  post(callback: string): Promise<Shown> {
    const { origin, pathname, searchParams } = new URL(callback);
    return this.open(origin + pathname, { method: 'POST', body: searchParams });
  }

  #own(): { cookie: string } {
    return { cookie: this.#cookie };
  }
}
