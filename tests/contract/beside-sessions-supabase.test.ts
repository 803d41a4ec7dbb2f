import { describe } from "vitest";
import { hasPostgrest } from "../support/postgrest";
import { overSupabase } from "../support/wires";
import { describeBesideSessions } from "./beside-sessions";

describe.skipIf(!hasPostgrest)("with PostgREST", () => {
  describeBesideSessions("supabase-js", overSupabase);
});
