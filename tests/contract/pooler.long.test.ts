import { describe } from "vitest";
import { hasPgbouncer } from "../support/pgbouncer";
import { openPooled } from "../support/pooled";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { onPooler } from "../support/two-instances";
import { describeBesideSessions } from "./beside-sessions";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

const NAME = "PostgreSQL behind a transaction pooler";

async function open(): Promise<StoresUnderTest> {
  const pooled = await openPooled();
  const options = { maxConnections: 4 };
  const [db, ...others] = [pooled.open(options), pooled.open(options), pooled.open(options)] as const;
  return { ...sqlStores(db, ...others), reset: pooled.reset, close: pooled.close };
}

/** Nothing that is stored depends on the state of a connection: not the sessions, and nothing beside them. */
describe.skipIf(!hasPgbouncer)("with pgbouncer", () => {
  describeClientStore(NAME, open);
  describeSessionStore(NAME, open, { longInterleavings: 300 });
  describeRemixSessionStorage(NAME, open);
  describeBesideSessions(NAME, onPooler);
});
