import { openEmbedded } from "../support/embedded-database";
import { EMPTY_TABLES } from "../support/reset";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { db, pglite } = await openEmbedded();
  const reset = async () => void (await pglite.exec(EMPTY_TABLES));
  return { ...sqlStores(db), reset, close: () => db.close() };
}

describeClientStore("PGlite", open);
describeSessionStore("PGlite", open);
describeRemixSessionStorage("PGlite", open, ["React Router 7"]);
