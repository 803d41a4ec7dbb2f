import { openSupabase } from "../../app/lib/db/supabase";
import { createTestDatabase } from "../support/database";
import { startPostgrest } from "../support/postgrest";
import { type StoresUnderTest, sqlStores } from "../support/stores";
import { startSupabaseGateway } from "../support/supabase-gateway";

/** The SQL stores over Supabase's gateway, with a secret key, to a PostgREST that answers so many rows at most. */
export async function openProject(maxRows: number): Promise<StoresUnderTest> {
  const { url, reset, drop } = await createTestDatabase();
  const postgrest = await startPostgrest(url, { maxRows });
  const gateway = await startSupabaseGateway(postgrest);
  const [db, other] = [openSupabase(gateway), openSupabase(gateway)];
  const close = () => gateway.stop().then(postgrest.stop).then(drop);
  return { ...sqlStores(db, other), reset, close };
}
