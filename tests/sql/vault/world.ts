import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import type { Logger } from "../../../app/lib/base/logger";
import type { Database, Row } from "../../../app/lib/db/database";
import type { OAuthProvider } from "../../../app/lib/vault/grant";
import { createTokenSeal } from "../../../app/lib/vault/seal";
import { createVault, type Vault } from "../../../app/lib/vault/vault";
import { type Minted, type OAuthServer, startOAuthServer } from "../../support/oauth-server";
import { silentLogger } from "../../support/silent-logger";
import { moveTime } from "../../support/vault-time";
import { openWire, openWorld, type World } from "../world";

const seal = createTokenSeal(["a key of more than thirty-two characters, for tokens"]);
export const SEAL = () => seal;

/** What the tests of the vault have before them: two instances over a database, and an OAuth server. */
export type VaultWorld = Pick<World, "db" | "sql"> & {
  otherDb: Database;
  here: Vault;
  there: Vault;
  server: OAuthServer;
  /** One of the test's own. */
  tenant: string;
  log: ReturnType<typeof recorder>;
  time(): ReturnType<typeof moveTime>;
  /** Keeps a new grant. */
  connect(
    client?: "rotating" | "lasting",
    changes?: Partial<OAuthProvider>,
  ): Promise<{ minted: Minted; provider: OAuthProvider }>;
  /** The tenant's row, as it is. */
  row(): Promise<Row | undefined>;
};

export function openVaultWorld(): VaultWorld {
  const world = openWorld() as World & VaultWorld;
  beforeAll(async () => {
    world.server = await startOAuthServer();
  });
  beforeEach(() => {
    world.tenant = `tenant-${randomUUID()}`;
    world.server.front.next();
    world.log = recorder();
    world.otherDb = openWire(world.database.url);
    const { logger } = world.log;
    world.here = createVault({ db: world.db, seal: SEAL, logger });
    world.there = createVault({ db: world.otherDb, seal: SEAL, logger });
    return () => world.otherDb.close();
  });
  afterAll(() => world.server.stop());

  world.time = () => moveTime((statement) => world.sql(statement), world.tenant);
  world.connect = async (client = "rotating", changes = {}) => {
    const minted = await world.server.mint(client);
    const provider = world.server.provider(client, changes);
    await world.here.keep(world.tenant, provider, minted);
    return { minted, provider };
  };
  world.row = async () =>
    (await world.sql("select * from public.oauth_tokens where tenant = $1", [world.tenant]))[0];
  return world;
}

/** A logger that remembers what it was told. */
function recorder() {
  const logger = { ...silentLogger, info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const calls = (level: "info" | "warn" | "error") => logger[level].mock.calls as unknown[][];
  return {
    logger: logger as unknown as Logger,
    everything: () => [...calls("info"), ...calls("warn"), ...calls("error")],
    lines: (level: "info" | "warn" | "error") => calls(level).map(([, message]) => message),
  };
}
