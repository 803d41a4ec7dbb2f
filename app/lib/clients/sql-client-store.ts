import type { Database, Row } from "../db/database";
import { endInBatches } from "../db/end-in-batches";
import type { Client, ClientStore } from "./client-store";

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
    saveSettings: (id, settings) =>
      first(
        db.call("save_client_settings", {
          p_client_id: id,
          p_contact_email: settings.contactEmail,
          p_default_theme: settings.defaultTheme,
          p_session_max_age_seconds: settings.sessionMaxAgeSeconds,
          p_session_idle_timeout_seconds: settings.sessionIdleTimeoutSeconds,
          p_session_renewal_limit_seconds: settings.sessionRenewalLimitSeconds,
          p_session_max_per_user: settings.sessionMaxPerUser,
          p_session_at_limit: settings.sessionAtLimit,
        }),
      ),
  };
}

function toClient(row: Row): Client {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    installedAtMs: new Date(row.installed_at).getTime(),
    settings: {
      contactEmail: row.contact_email,
      defaultTheme: row.default_theme,
      sessionMaxAgeSeconds: row.session_max_age_seconds,
      sessionIdleTimeoutSeconds: row.session_idle_timeout_seconds,
      sessionRenewalLimitSeconds: row.session_renewal_limit_seconds,
      sessionMaxPerUser: row.session_max_per_user,
      sessionAtLimit: row.session_at_limit,
    },
  };
}
