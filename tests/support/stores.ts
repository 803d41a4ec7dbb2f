import type { ClientStore } from "../../app/lib/clients/client-store";
import { createSqlClientStore } from "../../app/lib/clients/sql-client-store";
import type { Database } from "../../app/lib/db/database";
import { createSqlSessionStore } from "../../app/lib/session-stores/sql";
import type { SessionStore } from "../../app/lib/sessions/store";

/** What the contract suites run against. */
export type StoresUnderTest = {
  clients: ClientStore;
  sessions: SessionStore;
  /** Forgets everything, so that each test has a fresh store. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** The SQL stores over a wire. */
export function sqlStores(db: Database): Pick<StoresUnderTest, "clients" | "sessions"> {
  return { clients: createSqlClientStore(db), sessions: createSqlSessionStore(db) };
}
