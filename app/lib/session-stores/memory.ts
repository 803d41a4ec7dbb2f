import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../base/clock";
import type { Client, ClientStore } from "../clients/client-store";
import { type ClientSettings, NO_SETTINGS, SettingsConflictError } from "../clients/settings";
import type { SessionStore } from "../sessions/store";
import { memorySessions } from "./memory-sessions";
import type { InstalledClient } from "./memory-state";

type MemoryClient = Client & InstalledClient;

/** Clients and sessions in this process alone, gone with it: for tests and for trying the engine out. */
export function createMemoryStores(clock: Clock = systemClock): {
  clients: ClientStore;
  sessions: SessionStore;
} {
  const clients = new Map<string, MemoryClient>();
  const { sessions, endOfClient } = memorySessions((id) => clients.get(id), clock);
  return { clients: memoryClients(clients, endOfClient, clock), sessions };
}

function memoryClients(
  clients: Map<string, MemoryClient>,
  endOfClient: (clientId: string) => number,
  clock: Clock,
): ClientStore {
  const byTenant = (tenantId: string) => [...clients.values()].find((client) => client.tenantId === tenantId);
  const visible = (client: MemoryClient | undefined): Client | undefined => {
    if (!client?.installed) return undefined;
    const { installed, ...rest } = client;
    return structuredClone(rest);
  };

  return {
    async install({ tenantId, contactEmail }) {
      const known = byTenant(tenantId);
      const id = known?.id ?? randomUUID();
      const settings = known?.settings ?? NO_SETTINGS;
      const client = {
        id,
        tenantId,
        installed: true,
        installedAtMs: known?.installed ? known.installedAtMs : clock(),
        settings: { ...settings, contactEmail: settings.contactEmail ?? contactEmail },
      };
      clients.set(id, client);
      return visible(client) as Client;
    },
    async uninstall(tenantId) {
      const client = byTenant(tenantId);
      if (!client) return 0;
      client.installed = false;
      return endOfClient(client.id);
    },
    findByTenant: async (tenantId) => visible(byTenant(tenantId)),
    findById: async (id) => visible(clients.get(id)),
    async changeSettings(id, { to, shown }) {
      const client = clients.get(id);
      if (!client?.installed) return undefined;
      const { settings } = client;
      const keys = Object.keys(to) as (keyof ClientSettings)[];
      const conflicts = keys.filter((key) => settings[key] !== shown[key] && settings[key] !== to[key]);
      if (conflicts.length > 0) throw new SettingsConflictError(conflicts.sort(), { ...settings });
      client.settings = { ...settings, ...to };
      return visible(client);
    },
  };
}
