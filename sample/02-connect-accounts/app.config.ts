/** The clients that this application is registered as at Acme. */
export const clientNames = ['acme-files', 'acme-mail', 'acme-billing'] as const;
export type ClientName = (typeof clientNames)[number];

/** What differs from one run to the next; a real application reads it from its environment. */
export abstract class AppConfig {
  /** This application's own address, such as `http://127.0.0.1:4000`. */
  abstract readonly origin: string;
  /** Acme's authorization server. */
  abstract readonly issuer: string;
  /** Acme's API. */
  abstract readonly apiUrl: string;
  abstract readonly secrets: Record<ClientName, string>;
}
