import type { ProviderAct } from '../fake-authorization-server.act.js';
import { github } from './github.act.js';
import { salesforce } from './salesforce.act.js';
import { slack, slackUser } from './slack.act.js';

/** The providers that a fake server can act like, by the names of their presets. */
export const ACTS = { github, salesforce, slack, slack_user: slackUser } satisfies Record<
  string,
  ProviderAct
>;

/** A provider that `FakeAuthorizationServer.actLike()` knows. */
export type FakeProviderName = keyof typeof ACTS;
