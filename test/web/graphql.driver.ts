import { ApolloServer, HeaderMap } from '@apollo/server';
import type { HttpServer } from '@nestjs/common';
import { AbstractGraphQLDriver, type GqlModuleOptions } from '@nestjs/graphql';
import type { WebRequest } from 'nestjs-oauth-client';

/**
 * Apollo behind Nest's resolvers, by whichever platform. Apollo's own drivers want an integration
 * package for each; the schema, the resolvers and their enhancers are the same.
 */
export class ApolloDriver extends AbstractGraphQLDriver {
  #server: ApolloServer | undefined;

  async start(options: GqlModuleOptions): Promise<void> {
    const { schema } = options;
    if (!schema) throw new Error('no schema');
    const server = (this.#server = new ApolloServer({ schema }));
    await server.start();
    const { httpAdapter } = this.httpAdapterHost;
    const adapter: HttpServer = httpAdapter;
    const reply = async (request: WebRequest, response: unknown): Promise<void> => {
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: 'POST',
          search: '',
          body: request['body'] as unknown,
          headers: new HeaderMap([['content-type', 'application/json']]),
        },
        context: async () => ({ req: request }),
      });
      const text = answer.body.kind === 'complete' ? answer.body.string : '';
      adapter.setHeader?.(response, 'Content-Type', 'application/json');
      adapter.reply(response, text, answer.status ?? 200);
    };
    adapter.post(
      '/graphql',
      (request: WebRequest, response: unknown) => void reply(request, response),
    );
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}
