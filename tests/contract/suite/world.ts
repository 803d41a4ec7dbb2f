import type { DataPatch, NewSession, SeenSession } from "../../../app/lib/sessions/store";
import { aSession, NOW } from "../../support/examples";
import type { StoresUnderTest } from "../../support/stores";

/** What the tests of the suite have before them: fresh stores, and a client that is installed. */
export type World = StoresUnderTest & { clientId: string };

export const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

export const jason = { id: "jason", name: "Jason", email: "jason@example.com", role: "Admin Owner" };

/** A session of Jason's at the world's client. */
export const jasons = ({ clientId }: World, changes: Partial<NewSession> = {}) =>
  aSession(clientId, { user: jason, ...changes });

/** A patch that is based on the first revision, and goes over no limit. */
export function aPatch(changes: Partial<DataPatch>): DataPatch {
  return { set: {}, unset: [], overwrite: [], revision: 0, maxBytes: 65_536, ...changes };
}

/** The session as somebody saw it who has not seen it active since. */
export const seen = (id: string, lastActivityAtMs = NOW): SeenSession => ({ id, lastActivityAtMs });
