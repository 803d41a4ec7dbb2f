import { openPostgres } from "../../app/lib/db/postgres";
import { createTokenSeal } from "../../app/lib/vault/seal";
import { createVault } from "../../app/lib/vault/vault";
import { silentLogger } from "./silent-logger";
import type { Order, Outcome } from "./vault-instance";

/** An instance of the app, as far as the vault goes: does what its parent says. */
const { DATABASE_URL = "", TOKEN_KEY = "", CLOCK_SKEW_MS = "0" } = process.env;

const now = Date.now;
Date.now = () => now() + Number(CLOCK_SKEW_MS);

const db = openPostgres({
  url: DATABASE_URL,
  migrationsFolder: "supabase/migrations",
  logger: silentLogger,
});
let dieAfter: string | undefined;
const mortal = {
  ...db,
  async call(...args: Parameters<typeof db.call>) {
    const answer = await db.call(...args);
    if (args[0] === dieAfter) process.kill(process.pid, "SIGKILL");
    return answer;
  },
};
const seal = createTokenSeal([TOKEN_KEY]);
const vault = createVault({ db: mortal, seal: () => seal, logger: silentLogger });

process.on("message", async (order: Order) => {
  const { id, method, tenant, provider, callers, rejected } = order;
  dieAfter = order.dieAfter;
  const calls = Array.from({ length: callers }, () =>
    vault[method](tenant, provider, { ...(rejected && { rejected }) }),
  );
  const settled = await Promise.allSettled(calls);
  const outcomes = settled.map(
    (result): Outcome =>
      result.status === "fulfilled"
        ? { accessToken: result.value?.accessToken }
        : { error: result.reason.name, interrupted: result.reason.interrupted },
  );
  process.send?.({ id, outcomes });
});
// Its parent is gone.
process.on("disconnect", () => process.exit());
await db.call("find_oauth_tokens", { p_tenant: "", p_provider: "", p_account: "" });
process.send?.("ready");
