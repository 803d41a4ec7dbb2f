import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { startPostgrest } from "../support/postgrest";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const options = { url: postgrest.url, serviceRoleKey: postgrest.key("service_role") };
  const [db, other] = [openSupabase(options), openSupabase(options)];
  const close = () => Promise.all([db.close(), other.close()]).then(postgrest.stop).then(drop);
  return { ...sqlStores(db, other), reset, close };
}

describeClientStore("supabase-js over PostgREST", open);
describeSessionStore("supabase-js over PostgREST", open);
