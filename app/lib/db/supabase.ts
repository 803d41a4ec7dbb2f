import { SECOND_MS } from "../base/durations";
import type { CallOptions, Database, Row } from "./database";
import { databaseFailure } from "./failures";
import { DEFAULT_SCHEMA } from "./schema";

type SupabaseOptions = {
  url: string;
  /** A secret key (`sb_secret_…`), or the older JWT of the role `service_role`. */
  secretKey: string;
  schema?: string;
  timeoutMs?: number;
};

/**
 * The functions that answer any number of rows. PostgREST cuts rows off at its `max-rows`, and its answer does not say so; a
 * value it never cuts. Each of these has a twin `<name>_json` that answers one value (migration 20261127000020).
 */
export const MANY_ROWS: ReadonlySet<string> = new Set([
  "app_session_endings",
  "count_oauth_token_keys",
  "count_shopify_session_keys",
  "find_app_sessions",
  "find_staff_members",
  "list_app_session_events",
  "list_http_sessions",
  "list_oauth_tokens_of_other_keys",
  "list_open_app_sessions",
  "list_shopify_sessions_to_rekey",
]);

/** PostgREST through supabase-js: one HTTP request a call. The schema is applied by `supabase db push`. */
export function openSupabase(options: SupabaseOptions): Database {
  const { url, secretKey, schema = DEFAULT_SCHEMA, timeoutMs = 10 * SECOND_MS } = options;
  let client: ReturnType<typeof connect> | undefined;

  const answerOf = async (name: string, args: Record<string, unknown>, limit: CallOptions) => {
    client ??= connect(url, secretKey, schema);
    const { data, error, status } = await (await client)
      .rpc(name, args)
      .abortSignal(AbortSignal.timeout(limit.timeoutMs ?? timeoutMs));
    if (error)
      throw databaseFailure(new Error(error.message, { cause: error }), answerCode(error.code, status));
    return data;
  };

  const call: Database["call"] = async (name, args = {}, limit = {}): Promise<Row[]> => {
    if (MANY_ROWS.has(name)) return rowsOf(await answerOf(`${name}_json`, args, limit));
    const answer = await answerOf(name, args, limit);
    return Array.isArray(answer) ? answer : [{ [name]: answer }];
  };

  return {
    kind: "supabase",
    call,
    pendingMigrations: async () => undefined,
    async migrate() {
      // This driver cannot write the schema; a call that only the newest one answers tells whether it is there.
      await call("find_app_sessions", { p_ids: [] });
    },
    // Nothing stays open between two requests, and the client's own clean-up would hold the process for ten seconds.
    async close() {},
  };
}

/** @throws ConfigurationError where something else than PostgREST answered, such as a website with a page */
function rowsOf(answer: { rows?: unknown } | null): Row[] {
  if (Array.isArray(answer?.rows)) return answer.rows;
  throw databaseFailure(new Error("the answer is none of Libero's functions"), "404");
}

/** The library is loaded when it is needed, not by every command. Nothing connects before the first call. */
async function connect(url: string, secretKey: string, schema: string) {
  const [{ createClient }, { default: ws }] = await Promise.all([
    import("@supabase/supabase-js"),
    import("ws"),
  ]);
  // biome-ignore lint/suspicious/noExplicitAny: the functions' types are in the migrations
  return createClient<any, string>(url, secretKey, {
    db: { schema },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket of its own, and the client asks for one when it is made.
    realtime: { transport: ws as never },
    global: secretKey.startsWith("sb_") ? { fetch: fetchWithoutBearer } : {},
  });
}

/**
 * supabase-js sends any key as a bearer token too. A secret key is no JWT, which PostgREST would take it for: Supabase's gateway
 * makes one of the header `apikey`, and only where no other token is sent (supabase.com/docs/guides/api/api-keys).
 */
const fetchWithoutBearer: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.delete("authorization");
  return fetch(input, { ...init, headers });
};

/** PostgREST's code, or undefined where no answer of PostgREST's came (network error, time-out, a gateway's page). */
function answerCode(code: string | undefined, status: number): string | undefined {
  if (code) return code;
  return status >= 400 && status < 500 ? String(status) : undefined;
}
