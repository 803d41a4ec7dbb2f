import { describe } from "vitest";
import { hasPostgrest } from "../support/postgrest";
import { onSupabase } from "../support/two-instances";
import { describeBesideSessions } from "./beside-sessions";

describe.skipIf(!hasPostgrest)("with PostgREST", () => {
  describeBesideSessions("supabase-js", onSupabase);
});
