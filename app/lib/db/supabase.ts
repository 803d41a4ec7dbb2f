import { SECOND_MS } from "../base/durations";
import type { CallOptions, Database, Row } from "./database";
import { databaseFailure } from "./failures";
import { DEFAULT_SCHEMA } from "./schema";

type SupabaseOptions = { url: string; serviceRoleKey: string; schema?: string; timeoutMs?: number };

/** PostgREST through supabase-js: one HTTP request a call. The schema is applied by `supabase db push`. */
export function openSupabase(options: SupabaseOptions): Database {
  const { url, serviceRoleKey, schema = DEFAULT_SCHEMA, timeoutMs = 10 * SECOND_MS } = options;
  let client: ReturnType<typeof connect> | undefined;
  const connected = () => {
    client ??= connect(url, serviceRoleKey, schema);
    return client;
  };

  const call = async (
    name: string,
    args: Record<string, unknown> = {},
    limit: CallOptions = {},
  ): Promise<Row[]> => {
    const supabase = await connected();
    const { data, error, status } = await supabase
      .rpc(name, args)
      .abortSignal(AbortSignal.timeout(limit.timeoutMs ?? timeoutMs));
    if (error)
      throw databaseFailure(new Error(error.message, { cause: error }), answerCode(error.code, status));
    return Array.isArray(data) ? data : [{ [name]: data }];
  };

  return {
    kind: "supabase",
    call,
    pendingMigrations: async () => undefined,
    async migrate() {
      // This wire cannot write the schema; a call that only the newest one answers tells whether it is there.
      await call("find_app_sessions", { p_ids: [] });
    },
    // Nothing stays open between two requests, and the client's own clean-up would hold the process for ten seconds.
    async close() {},
  };
}

/** The library is loaded by whoever needs it, not by every command. Nothing connects before the first call. */
async function connect(url: string, serviceRoleKey: string, schema: string) {
  const [{ createClient }, { default: ws }] = await Promise.all([
    import("@supabase/supabase-js"),
    import("ws"),
  ]);
  // biome-ignore lint/suspicious/noExplicitAny: the functions' types are in the migrations
  return createClient<any, string>(url, serviceRoleKey, {
    db: { schema },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket of its own, and the client asks for one when it is made.
    realtime: { transport: ws as never },
  });
}

/** PostgREST's code, or undefined where no answer of PostgREST's came (network error, time-out, a gateway's page). */
function answerCode(code: string | undefined, status: number): string | undefined {
  if (code) return code;
  return status >= 400 && status < 500 ? String(status) : undefined;
}
