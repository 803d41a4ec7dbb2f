import { createMemoryStores } from "../../../app/lib/session-stores/memory";
import { createCachedStore } from "../../../app/lib/sessions/cached-store";
import type { SessionStore } from "../../../app/lib/sessions/store";
import { aClient, aSession } from "../../support/examples";
import { aChannel, jason, START } from "./support";

export const DAY = 86_400_000;
export const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** A cached store over one that counts what it is asked, at a moment that does not move. */
export async function openStores() {
  const clock = () => START;
  const { clients, sessions } = createMemoryStores(clock);
  const asked: [id: string, options: { fresh?: boolean } | undefined][] = [];
  const store: SessionStore = {
    ...sessions,
    find(id, options) {
      asked.push([id, options]);
      return sessions.find(id, options);
    },
  };
  const channel = aChannel();
  const cached = createCachedStore({
    store,
    channel,
    maxEntries: 100,
    maxBytes: 1_000_000,
    clock,
    monotonic: clock,
  });
  const { id: clientId } = await clients.install(aClient("old-oak"));
  const { id: otherClientId } = await clients.install(aClient("new-oak"));
  const of = (client: string, changes = {}) =>
    aSession(client, {
      user: jason,
      createdAtMs: START,
      expiresAtMs: START + DAY,
      renewableUntilMs: START + 9 * DAY,
      ...changes,
    });
  const session = of(clientId);
  await sessions.create(session);
  /** Whether the session is answered without asking the store. */
  const isKept = async (id = session.id) => {
    const before = asked.length;
    await cached.find(id);
    return asked.length === before;
  };
  return { sessions, store, channel, cached, asked, clientId, otherClientId, of, session, isKept };
}

export type Stores = Awaited<ReturnType<typeof openStores>>;
