import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { startPostgrest } from "../support/postgrest";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const db = openSupabase({ url: postgrest.url, serviceRoleKey: postgrest.key("service_role") });
  return { ...sqlStores(db), reset, close: () => db.close().then(postgrest.stop).then(drop) };
}

describeClientStore("supabase-js over PostgREST", open);
describeSessionStore("supabase-js over PostgREST", open);
