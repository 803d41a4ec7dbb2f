/** What a cache has to forget. */
export type Notice =
  | { sessionIds: readonly string[] }
  /** All of a client, or of one user there. */
  | { clientId: string; userId?: string }
  | { tenantId: string }
  /** Sessions of another kind, by the hashes of their ids, which are none of the app's own sessions. */
  | { httpSessions: readonly string[] | "all" }
  /** Of every kind. */
  | "all";

/** How an instance learns of sessions that another one, or a hand, has ended or changed. */
export interface InvalidationChannel {
  /**
   * Names the present unbroken run of the channel: a new number after every moment in which a notice may have been
   * missed. Undefined while the channel is not known to be alive, which it is for less than two seconds after it was
   * last seen so.
   */
  epoch(): number | undefined;

  /** When it last opened or closed, in milliseconds since the epoch. */
  sinceMs(): number;

  /** Notices arrive after the change can be read, in order, within milliseconds. */
  subscribe(receive: (notice: Notice) => void): void;

  /** Opens the channel, and opens it again whenever it breaks. Returns at once. */
  start(): void;

  stop(): Promise<void>;
}
