import type { ProviderAct } from '../fake-authorization-server.act.js';
import { atlassian } from './atlassian.act.js';
import { auth0 } from './auth0.act.js';
import { cognito } from './cognito.act.js';
import { discord } from './discord.act.js';
import { douban } from './douban.act.js';
import { dropbox } from './dropbox.act.js';
import { ebay } from './ebay.act.js';
import { entra } from './entra.act.js';
import { facebook } from './facebook.act.js';
import { fitbit } from './fitbit.act.js';
import { github, githubApp } from './github.act.js';
import { gitlab } from './gitlab.act.js';
import { google } from './google.act.js';
import { hubspot } from './hubspot.act.js';
import { instagram } from './instagram.act.js';
import { keycloak } from './keycloak.act.js';
import { linkedin } from './linkedin.act.js';
import { mailchimp } from './mailchimp.act.js';
import { notion } from './notion.act.js';
import { okta } from './okta.act.js';
import { plentymarkets } from './plentymarkets.act.js';
import { quickbooks } from './quickbooks.act.js';
import { salesforce } from './salesforce.act.js';
import { shopify } from './shopify.act.js';
import { slack, slackUser } from './slack.act.js';
import { slackClassic } from './slack-classic.act.js';
import { spotify } from './spotify.act.js';
import { stripe } from './stripe.act.js';
import { weibo } from './weibo.act.js';
import { xero } from './xero.act.js';
import { zoom } from './zoom.act.js';

/** The providers that a fake server can act like, by the names of their presets. */
export const ACTS = {
  atlassian,
  auth0,
  cognito,
  discord,
  douban,
  dropbox,
  ebay,
  entra,
  facebook,
  fitbit,
  github,
  github_app: githubApp,
  gitlab,
  google,
  hubspot,
  instagram,
  keycloak,
  linkedin,
  mailchimp,
  notion,
  okta,
  plentymarkets,
  quickbooks,
  salesforce,
  shopify,
  slack,
  slack_classic: slackClassic,
  slack_user: slackUser,
  spotify,
  stripe,
  weibo,
  xero,
  zoom,
} satisfies Record<string, ProviderAct>;

/** A provider that `FakeAuthorizationServer.actLike()` knows. */
export type FakeProviderName = keyof typeof ACTS;
