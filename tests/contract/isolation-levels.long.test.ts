import { describe } from "vitest";
import type { Database } from "../../app/lib/db/database";
import { guardDatabase } from "../../app/lib/db/guarded";
import { silentLogger } from "../support/silent-logger";
import { describeClientStore } from "./client-store";
import { openIsolated, STRICTER_LEVELS } from "./isolation";
import { describeSessionStore } from "./session-store";

const guarded = (db: Database) => guardDatabase(db, silentLogger);

describe.each(STRICTER_LEVELS)("default_transaction_isolation = %s", (isolation) => {
  const open = () => openIsolated(isolation, guarded);
  describeClientStore("PostgreSQL", open);
  describeSessionStore("PostgreSQL", open, { longInterleavings: 300 });
});
