export { defineProvider } from './provider.js';
export type {
  Provider,
  ProviderClientOptions,
  ProviderDefinition,
  ProviderHabits,
} from './provider.js';
export { github } from './github.js';
export { salesforce } from './salesforce.js';
export type { SalesforceParameters } from './salesforce.js';
export { slack, slackUser } from './slack.js';
export type { SlackUserParameters } from './slack.js';
