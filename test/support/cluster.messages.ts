import type { FakeTokenResponse } from 'nestjs-oauth-client/testing';

/** Where a renewal can be stopped, in its order. */
export const STEPS = [
  'before the lease',
  'after the lease',
  'before the request',
  'before the answer',
  'before the commit',
  'during the commit',
  'after the commit',
] as const;

/** One of {@link STEPS}. */
export type Step = (typeof STEPS)[number];

/** Which store a replica is to use. */
export interface StorePlan {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
  readonly encrypted: boolean;
}

/** What a replica is made of. */
export interface ReplicaPlan {
  /** Sent as `x-replica` with each token request, so that the server's journal tells who it was. */
  readonly name: string;
  readonly store: StorePlan;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  readonly apiUrl: string;
}

/** What a replica may be asked for. */
export interface Asks {
  boot: ReplicaPlan;
  /** Gives a user a token. */
  connect: { subject: string; token: FakeTokenResponse };
  /** Lets so many seconds pass. */
  advance: number;
  /** So many calls at once. */
  calls: { subject: string; count: number };
  /** The next renewal of these users is to wait at a step. */
  arm: { step: Step; subjects: readonly string[] };
  /** Those that wait go on. */
  pass: null;
  close: null;
}

/** What it answers. */
export interface Answers {
  boot: null;
  connect: null;
  advance: null;
  /** How many of the calls came to each status or error. */
  calls: Record<string, number>;
  arm: null;
  pass: null;
  close: null;
}

/** A renewal waits at a step. */
export interface Arrival {
  readonly step: Step;
  readonly subject: string;
  /** Of the record that is about to be written, or just was. */
  readonly version?: string;
}

/** What a replica is sent. */
export interface Asked {
  readonly id: number;
  readonly name: keyof Asks;
  readonly what: Asks[keyof Asks];
}

/** What a replica says. */
export type ReplicaMessage =
  | { readonly ready: true }
  | { readonly at: Arrival }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failed: string };
