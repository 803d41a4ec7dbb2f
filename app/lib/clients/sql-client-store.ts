import type { Database, Row } from "../db/database";
import { endInBatches } from "../db/end-in-batches";
import type { Client, ClientStore } from "./client-store";
import { type ClientSettings, SettingsConflictError } from "./settings";

/** Clients in the database's functions, over whichever wire. */
export function createSqlClientStore(db: Database): ClientStore {
  const first = async (rows: Promise<Row[]>) => {
    const [row] = await rows;
    return row && toClient(row);
  };

  return {
    async install({ tenantId, installSettings, contactEmail }) {
      const client = await first(
        db.call("install_client", {
          p_tenant_id: tenantId,
          p_install_settings: installSettings,
          p_contact_email: contactEmail,
        }),
      );
      if (!client) throw new Error("install_client answered no row");
      return client;
    },
    async uninstall(tenantId) {
      const [first] = await db.call("begin_client_uninstall", { p_tenant_id: tenantId });
      if (!first) return 0;
      const of = { p_client_id: first.client_id, p_user_id: null, p_except: null, p_reason: "uninstalled" };
      return endInBatches(db, of, first);
    },
    findByTenant: (tenantId) => first(db.call("find_client", { p_tenant_id: tenantId }, { readOnly: true })),
    findById: (id) => first(db.call("find_client_by_id", { p_client_id: id }, { readOnly: true })),
    async changeSettings(id, { to, shown }) {
      const args = { p_client_id: id, p_changes: inColumns(to), p_shown: inColumns(shown) };
      const [row] = await db.call("change_client_settings", args);
      if (!row) return undefined;
      const client = toClient(row.client);
      if (row.conflicts.length > 0)
        throw new SettingsConflictError(row.conflicts.map(settingOf), client.settings);
      return client;
    },
  };
}

const COLUMNS: Record<keyof ClientSettings, string> = {
  contactEmail: "contact_email",
  defaultTheme: "default_theme",
  sessionMaxAgeSeconds: "session_max_age_seconds",
  sessionIdleTimeoutSeconds: "session_idle_timeout_seconds",
  sessionRenewalLimitSeconds: "session_renewal_limit_seconds",
  sessionMaxPerUser: "session_max_per_user",
  sessionAtLimit: "session_at_limit",
};
const SETTINGS = Object.keys(COLUMNS) as (keyof ClientSettings)[];

const inColumns = (settings: Partial<ClientSettings>) =>
  Object.fromEntries(
    SETTINGS.filter((name) => name in settings).map((name) => [COLUMNS[name], settings[name] ?? null]),
  );

const settingOf = (column: string) =>
  SETTINGS.find((name) => COLUMNS[name] === column) as keyof ClientSettings;

function toClient(row: Row): Client {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    installedAtMs: new Date(row.installed_at).getTime(),
    settings: Object.fromEntries(SETTINGS.map((name) => [name, row[COLUMNS[name]]])) as ClientSettings,
  };
}
