import type { Connection } from "./database";

const SUPABASE_HOST = /\.supabase\.(co|com)$/;
/** Where Supabase's poolers, shared and dedicated, pool by transaction. */
const TRANSACTION_PORT = "6543";

/**
 * What an address says by itself.
 * @returns undefined where only the server can tell
 */
export function connectionFromAddress(url: string): Connection | undefined {
  const mode = "transaction pooler";
  if (new URLSearchParams(url.split("?")[1]).get("pgbouncer") === "true") {
    return { mode, evidence: "its address says pgbouncer=true" };
  }
  const { hostname, port } = URL.canParse(url) ? new URL(url) : {};
  if (port === TRANSACTION_PORT && SUPABASE_HOST.test(hostname ?? "")) {
    return { mode, evidence: `port ${TRANSACTION_PORT} of Supabase's pooler` };
  }
  return undefined;
}
