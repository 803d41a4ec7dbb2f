import { createClient } from "@supabase/supabase-js";
import ws from "ws";
import { SECOND_MS } from "../base/durations";
import type { Database, Row } from "./database";
import { databaseFailure } from "./failures";

type SupabaseOptions = { url: string; serviceRoleKey: string; timeoutMs?: number };

/** PostgREST through supabase-js: one HTTP request a call. The schema is applied by `supabase db push`. */
export function openSupabase({ url, serviceRoleKey, timeoutMs = 10 * SECOND_MS }: SupabaseOptions): Database {
  const supabase = createClient(url, serviceRoleKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket of its own, and the client asks for one when it is made.
    realtime: { transport: ws as never },
  });

  const call = async (name: string, args: Record<string, unknown> = {}): Promise<Row[]> => {
    const { data, error, status } = await supabase
      .rpc(name, args)
      .abortSignal(AbortSignal.timeout(timeoutMs));
    if (error)
      throw databaseFailure(new Error(error.message, { cause: error }), answerCode(error.code, status));
    return Array.isArray(data) ? data : [{ [name]: data }];
  };

  return {
    kind: "supabase",
    call,
    async migrate() {
      // This wire cannot write the schema; a call that every version has tells whether it is there.
      await call("app_session_cleanup_is_scheduled");
    },
    async close() {
      await supabase.removeAllChannels();
    },
  };
}

/** PostgREST's code, or undefined where no answer of PostgREST's came (network error, time-out, a gateway's page). */
function answerCode(code: string | undefined, status: number): string | undefined {
  if (code) return code;
  return status >= 400 && status < 500 ? String(status) : undefined;
}
