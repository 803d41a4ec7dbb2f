import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { startPostgrest } from "../support/postgrest";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { startSupabaseGateway } from "../support/supabase-gateway";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";

/** Straight to PostgREST, with the key that is a JWT. */
async function open(): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url);
  const options = { url: postgrest.url, secretKey: postgrest.key("service_role") };
  const [db, other] = [openSupabase(options), openSupabase(options)];
  const close = () => Promise.all([db.close(), other.close()]).then(postgrest.stop).then(drop);
  return { ...sqlStores(db, other), reset, close };
}

/** Through Supabase's gateway, with a secret key, to a PostgREST that answers so many rows at most. */
async function openProject(maxRows: number): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url, { maxRows });
  const gateway = await startSupabaseGateway(postgrest);
  const [db, other] = [openSupabase(gateway), openSupabase(gateway)];
  const close = () => gateway.stop().then(postgrest.stop).then(drop);
  return { ...sqlStores(db, other), reset, close };
}

describeClientStore("supabase-js over PostgREST", open);
describeSessionStore("supabase-js over PostgREST", open);

for (const maxRows of [1, 100]) {
  const name = `supabase-js with a secret key through Supabase's gateway, max-rows ${maxRows}`;
  describeClientStore(name, () => openProject(maxRows));
  describeSessionStore(name, () => openProject(maxRows), { longInterleavings: 200 });
}
