export { defineProvider } from './provider.js';
export type {
  Provider,
  ProviderClientOptions,
  ProviderDefinition,
  ProviderHabits,
} from './provider.js';
export { atlassian } from './atlassian.js';
export { auth0 } from './auth0.js';
export type { Auth0Parameters } from './auth0.js';
export { cognito } from './cognito.js';
export type { CognitoParameters } from './cognito.js';
export { discord } from './discord.js';
export { douban } from './douban.js';
export { dropbox } from './dropbox.js';
export { ebay } from './ebay.js';
export type { EbayParameters } from './ebay.js';
export { entra } from './entra.js';
export type { EntraParameters } from './entra.js';
export { facebook } from './facebook.js';
export type { FacebookParameters } from './facebook.js';
export { fitbit } from './fitbit.js';
export { github, githubApp } from './github.js';
export { gitlab } from './gitlab.js';
export type { GitLabParameters } from './gitlab.js';
export { google } from './google.js';
export { hubspot } from './hubspot.js';
export { instagram } from './instagram.js';
export { keycloak } from './keycloak.js';
export type { KeycloakParameters } from './keycloak.js';
export { linkedin } from './linkedin.js';
export { mailchimp } from './mailchimp.js';
export type { MailchimpParameters } from './mailchimp.js';
export { notion } from './notion.js';
export { okta } from './okta.js';
export type { OktaParameters } from './okta.js';
export { plentymarkets } from './plentymarkets.js';
export type { PlentymarketsParameters } from './plentymarkets.js';
export { quickbooks } from './quickbooks.js';
export type { QuickBooksParameters } from './quickbooks.js';
export { salesforce } from './salesforce.js';
export type { SalesforceParameters } from './salesforce.js';
export { shopify } from './shopify.js';
export type { ShopifyParameters } from './shopify.js';
export { slack, slackUser } from './slack.js';
export type { SlackUserParameters } from './slack.js';
export { slackClassic } from './slack-classic.js';
export { spotify } from './spotify.js';
export { stripe } from './stripe.js';
export { weibo } from './weibo.js';
export { xero } from './xero.js';
export { zoom } from './zoom.js';
