import { text } from 'node:stream/consumers';
import type { Interaction, default as Provider } from 'oidc-provider';
import { pageHeaders } from '../shared/page.js';
import { consentPage, errorPage } from './pages.js';
import type { Middleware } from './token-requests.middleware.js';

/** Asks the person: who are you, and may this application do that? One page, one answer. */
export function consent(provider: Provider): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const { req, res } = context;
    const interaction = await pending(provider, context);
    context.set(pageHeaders);
    if (!interaction) {
      context.status = 400;
      context.body = errorPage('this question was answered already, or asked in another browser');
      return;
    }

    if (context.method === 'POST') {
      const answer = new URLSearchParams(await text(req));
      context.respond = false; // `interactionFinished` writes the response
      return provider.interactionFinished(req, res, await judged(provider, interaction, answer), {
        mergeWithLastSubmission: false,
      });
    }

    const client = await provider.Client.find(String(interaction.params['client_id']));
    context.body = consentPage({
      application: client?.clientName ?? 'An application',
      scopes: requestedScopes(interaction),
      account: interaction.session?.accountId,
    });
  };
}

async function pending(
  provider: Provider,
  { req, res }: Parameters<Middleware>[0],
): Promise<Interaction | undefined> {
  try {
    return await provider.interactionDetails(req, res);
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
    throw error;
  }
}

async function judged(provider: Provider, interaction: Interaction, answer: URLSearchParams) {
  const accountId = interaction.session?.accountId ?? answer.get('account')?.trim();
  if (answer.get('answer') !== 'allow' || !accountId) {
    return { error: 'access_denied', error_description: 'The person said no' };
  }
  const clientId = String(interaction.params['client_id']);
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(requestedScopes(interaction).join(' '));
  return { login: { accountId }, consent: { grantId: await grant.save() } };
}

function requestedScopes(interaction: Interaction): string[] {
  const { scope } = interaction.params;
  return typeof scope === 'string' ? scope.split(' ') : [];
}
