import type { Json } from "../base/json";
import type { Listening } from "../base/listening";

/**
 * A database as the rooms see it: functions that are called by name. What a function does is written in
 * `supabase/migrations`; a wire only carries the call.
 */
export interface Database {
  readonly kind: "postgres" | "pglite" | "supabase";

  /**
   * Calls a function of Libero's schema with named arguments. Plain objects travel as jsonb, arrays as arrays of the parameter's
   * element type, instants as ISO 8601 strings. Answers the rows; a scalar answer is one row with one column named
   * like the function. Columns of type timestamptz arrive as a Date or a string: read them with `new Date(…)`.
   * @throws UnavailableError where the database does not answer, in time
   * @throws ConfigurationError where the migrations are not applied
   */
  call(name: string, args?: CallArguments, options?: CallOptions): Promise<Row[]>;

  /**
   * Receives what is notified on a channel (PostgreSQL's `LISTEN`), until it is stopped, over a connection of its own
   * that is opened again whenever it breaks. Undefined where the wire has no way to.
   */
  readonly listen?: (channel: string, receive: (payload: string) => void) => Listening;

  /** How the server is reached. Undefined where the driver keeps no connection of its own to one. */
  readonly connection?: {
    /** Finds out, once. @throws UnavailableError, ConfigurationError */
    find(): Promise<Connection>;
    /** What is known so far. */
    known(): Connection | undefined;
  };

  /** Migrations that are not applied yet; undefined where this wire cannot tell. @throws UnavailableError */
  pendingMigrations(): Promise<string[] | undefined>;

  /** Writes the schema where this wire can. @throws ConfigurationError where a migration does not apply */
  migrate(): Promise<void>;

  /**
   * Does what PostgreSQL's autovacuum does by itself: gives the room of deleted rows back, and counts rows for the planner.
   * Undefined where it does.
   */
  readonly vacuum?: () => Promise<void>;

  /** Calls in flight are answered first. */
  close(): Promise<void>;
}

/** A session pooler gives each connection a server connection of its own; a transaction pooler shares those between transactions. */
export type Connection = {
  mode: "direct" | "session pooler" | "transaction pooler";
  /** What says so. */
  evidence: string;
};

export type CallOptions = {
  /** How long the database may take to answer, once it has the call; the wire's own limit, where nothing is said. */
  timeoutMs?: number;
  /** It changes nothing: it may be asked again where the connection breaks under it, and given up at any time. */
  readOnly?: boolean;
};

export type CallArguments = Record<string, Json>;

// biome-ignore lint/suspicious/noExplicitAny: a row's columns are as its SQL function declares them
export type Row = Record<string, any>;
