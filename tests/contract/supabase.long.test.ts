import { describe } from "vitest";
import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { hasPostgrest, startPostgrest } from "../support/postgrest";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";
import { openProject } from "./supabase-project";

/** Straight to PostgREST, with the key that is a JWT. */
async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const options = { url: postgrest.url, secretKey: postgrest.key("service_role") };
  const [db, other] = [openSupabase(options), openSupabase(options)];
  const close = () => Promise.all([db.close(), other.close()]).then(postgrest.stop).then(drop);
  return { ...sqlStores(db, other), reset, close };
}

const NAME = "supabase-js with a secret key through Supabase's gateway, max-rows 100";

describe.skipIf(!hasPostgrest)("with PostgREST", () => {
  describeClientStore("supabase-js over PostgREST", open);
  describeSessionStore("supabase-js over PostgREST", open);

  describeClientStore(NAME, () => openProject(100));
  describeSessionStore(NAME, () => openProject(100), { longInterleavings: 200 });
});
