/** Which token: one client's, for one subject, and of which variant. */
export interface TokenKey {
  /** The client, as it is registered. */
  readonly client: string;
  /** Whose token it is; `''` is the client itself. */
  readonly subject: string;
  /** Other scope, resource or audience than the client's own; absent for the grant itself. */
  readonly variant?: string;
}

/**
 * A key as one text, different keys always as different texts, whatever they hold: each part is
 * preceded by its length.
 */
export function joinKey({ client, subject, variant }: TokenKey): string {
  const grant = `${client.length}:${client}${subject.length}:${subject}`;
  return variant === undefined ? grant : `${grant}${variant.length}:${variant}`;
}
