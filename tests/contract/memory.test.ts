import type { ClientStore } from "../../app/lib/clients/client-store";
import { createMemoryStores } from "../../app/lib/session-stores/memory";
import type { SessionStore } from "../../app/lib/sessions/store";
import type { StoresUnderTest } from "../support/stores";
import { describeClientStore } from "./client-store";
import { describeRemixSessionStorage } from "./remix-session-storage";
import { describeSessionStore } from "./session-store";

async function open(): Promise<StoresUnderTest> {
  const stores = { clients: {} as ClientStore, sessions: {} as SessionStore };
  const reset = async () => {
    const fresh = createMemoryStores();
    Object.assign(stores.clients, fresh.clients);
    Object.assign(stores.sessions, fresh.sessions);
  };
  return { ...stores, workers: [stores.sessions], reset, close: async () => {} };
}

describeClientStore("memory", open);
describeSessionStore("memory", open);
describeRemixSessionStorage("memory", open);
