import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../base/clock";
import { ClientNotInstalledError } from "../base/errors";
import type { Client, ClientStore } from "../clients/client-store";
import type { Session, SessionSummary } from "../sessions/session";
import type { SessionStore, StoredSession } from "../sessions/store";
import { isLive } from "../sessions/validity";

type MemoryClient = Client & { installed: boolean };

/** Clients and sessions in this process alone, gone with it: for tests and for trying the engine out. */
export function createMemoryStores(clock: Clock = systemClock): {
  clients: ClientStore;
  sessions: SessionStore;
} {
  const clients = new Map<string, MemoryClient>();
  const sessions = new Map<string, StoredSession>();
  return {
    clients: memoryClients(clients, sessions, clock),
    sessions: memorySessions(clients, sessions, clock),
  };
}

function memoryClients(
  clients: Map<string, MemoryClient>,
  sessions: Map<string, StoredSession>,
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
      const settings = known?.settings ?? { contactEmail, defaultTheme: null, sessionMaxAgeSeconds: null };
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
      const ended = [...sessions].filter(([, { session }]) => session.clientId === client.id);
      for (const [id] of ended) sessions.delete(id);
      return ended.length;
    },
    findByTenant: async (tenantId) => visible(byTenant(tenantId)),
    findById: async (id) => visible(clients.get(id)),
    async saveSettings(id, settings) {
      const client = clients.get(id);
      if (!client?.installed) return undefined;
      client.settings = { ...settings };
      return visible(client);
    },
  };
}

function memorySessions(
  clients: Map<string, MemoryClient>,
  sessions: Map<string, StoredSession>,
  clock: Clock,
): SessionStore {
  const open = (clientId: string, nowMs: number) =>
    [...sessions.values()]
      .map(({ session }) => session)
      .filter((s) => s.clientId === clientId && isLive(s, nowMs));
  const change = (stored: StoredSession, changes: Partial<Session>) =>
    sessions.set(stored.session.id, { ...stored, session: { ...stored.session, ...changes } });

  const cleanup = async (batch: number) => {
    const expired = [...sessions.values()].filter(({ session }) => !isLive(session, clock())).slice(0, batch);
    for (const { session } of expired) sessions.delete(session.id);
    return expired.length;
  };

  return {
    async create({ replaces, secretHash, ...fields }) {
      const client = clients.get(fields.clientId);
      if (!client?.installed) throw new ClientNotInstalledError(`client ${fields.clientId} is not installed`);
      if (sessions.has(fields.id)) throw new Error(`session id ${fields.id} is in use`);
      if (replaces) sessions.delete(replaces);
      const session = { ...fields, tenantId: client.tenantId, lastActivityAtMs: fields.createdAtMs };
      sessions.set(session.id, structuredClone({ session, secretHash }));
      return session;
    },
    async find(id) {
      const stored = sessions.get(id);
      return (
        stored && { session: structuredClone(stored.session), secretHash: Buffer.from(stored.secretHash) }
      );
    },
    async touch(activity) {
      for (const [id, atMs] of activity) {
        const stored = sessions.get(id);
        if (stored && stored.session.lastActivityAtMs < atMs) change(stored, { lastActivityAtMs: atMs });
      }
    },
    async saveData(id, { set = {}, unset = [] }, nowMs) {
      const stored = sessions.get(id);
      if (!stored || !isLive(stored.session, nowMs)) return undefined;
      const data = structuredClone({ ...stored.session.data, ...set });
      for (const key of unset) delete data[key];
      change(stored, { data });
      return structuredClone(data);
    },
    end: async (id) => sessions.delete(id),
    listOpen: async (clientId, nowMs, limit) =>
      open(clientId, nowMs)
        .sort((a, b) => b.createdAtMs - a.createdAtMs)
        .slice(0, limit)
        .map(toSummary),
    async stats(clientId, nowMs) {
      const live = open(clientId, nowMs);
      return { openSessions: live.length, signedInUsers: new Set(live.map(({ user }) => user.id)).size };
    },
    cleanup,
    sweep: async (batch) => ({ outcome: "swept", deleted: await cleanup(batch) }),
  };
}

function toSummary({ id, user, createdAtMs, expiresAtMs, lastActivityAtMs }: Session): SessionSummary {
  return { id, user: { id: user.id, name: user.name }, createdAtMs, expiresAtMs, lastActivityAtMs };
}
