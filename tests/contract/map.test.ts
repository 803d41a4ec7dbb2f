import { createMemoryStores } from "../../app/lib/session-stores/memory";
import type { SessionStore } from "../../app/lib/sessions/store";
import { createMapStore } from "../support/map-store";
import type { StoresUnderTest } from "../support/stores";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const stores = { clients: {}, sessions: {} } as StoresUnderTest;
  const reset = async () => {
    const { clients } = createMemoryStores();
    const tenants = new Map<string, string>();
    const install: typeof clients.install = async (installation) => {
      const client = await clients.install(installation);
      tenants.set(client.id, client.tenantId);
      return client;
    };
    const uninstall = async (tenantId: string) => {
      for (const [id, name] of tenants) if (name === tenantId) tenants.delete(id);
      return clients.uninstall(tenantId);
    };
    Object.assign(stores.clients, clients, { install, uninstall });
    Object.assign(
      stores.sessions,
      createMapStore((clientId) => tenants.get(clientId)),
    );
  };
  return { ...stores, workers: [stores.sessions as SessionStore], reset, close: async () => {} };
}

// The clients are the memory store's: this one keeps sessions alone.
describeSessionStore("a Map with latency", open);
