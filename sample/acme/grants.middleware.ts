import { text } from 'node:stream/consumers';
import type { default as Provider, Session } from 'oidc-provider';
import { pageHeaders } from '../shared/page.js';
import { accountPage } from './pages.js';
import type { Middleware } from './token-requests.middleware.js';

/** The provider's own page where a person takes back what they allowed. */
export function grants(provider: Provider): Middleware {
  return async (context, next) => {
    if (context.path !== '/account') return next();
    const session = await provider.Session.get(context);

    if (context.method === 'POST') {
      const clientId = new URLSearchParams(await text(context.req)).get('client');
      await withdraw(provider, session, clientId ?? '');
      context.redirect('/account');
      return;
    }

    context.set(pageHeaders);
    context.body = accountPage(session.accountId, await given(provider, session));
  };
}

async function given(provider: Provider, session: Session) {
  const found = await Promise.all(
    Object.entries(session.authorizations ?? {}).map(async ([clientId, { grantId }]) => ({
      clientId,
      application: (await provider.Client.find(clientId))?.clientName ?? clientId,
      grant: grantId ? await provider.Grant.find(grantId) : undefined,
    })),
  );
  return found.filter(({ grant }) => grant);
}

async function withdraw(provider: Provider, session: Session, clientId: string): Promise<void> {
  const grantId = session.authorizations?.[clientId]?.grantId;
  if (!grantId) return;
  await provider.AccessToken.revokeByGrantId(grantId);
  await provider.RefreshToken.revokeByGrantId(grantId);
  await (await provider.Grant.find(grantId))?.destroy();
}
