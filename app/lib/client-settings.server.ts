import type { z } from "zod";
import { isAdministrator } from "./administrators.server";
import { type ClientSettings, SettingsConflictError, settingsFormSchema } from "./clients/settings";
import type { Session } from "./sessions/session";
import { wiring } from "./wiring.server";

/** DOOR: what a winery sets for itself. */

export { type ClientSettings, SESSION_BOUNDS, type SessionBounds } from "./clients/settings";

export type SettingsFaults = Partial<Record<keyof ClientSettings, string>>;

/** Another administrator changed the same settings since the form was shown: these, to what they are now. */
export type SettingsConflict = { fields: (keyof ClientSettings)[]; current: ClientSettings };

export type SettingsOutcome =
  | { outcome: "saved"; settings: ClientSettings }
  | { outcome: "invalid"; faults: SettingsFaults }
  | ({ outcome: "conflict" } & SettingsConflict)
  | { outcome: "not-allowed" | "not-installed" };

/** The client's settings; undefined where it is not installed (any more). */
export async function getClientSettings(clientId: string): Promise<ClientSettings | undefined> {
  return (await wiring().clients.findById(clientId))?.settings;
}

/** The form says under this prefix what each field was where it was shown. */
const SHOWN = "shown:";

/**
 * Validates the settings form and saves the fields that its user changed: what another administrator changed meanwhile stays.
 * Nothing is saved where any field is at fault, or in conflict.
 */
export async function saveClientSettings(session: Session, form: FormData): Promise<SettingsOutcome> {
  if (!isAdministrator(session)) return { outcome: "not-allowed" };
  const [typedFields, shownFields] = fieldsOf(form);
  const parsed = settingsFormSchema.safeParse(typedFields);
  if (!parsed.success) return { outcome: "invalid", faults: faultsOf(parsed.error) };
  const shown = settingsFormSchema.partial().safeParse(shownFields);
  if (!shown.success) return { outcome: "invalid", faults: faultsOf(shown.error) };
  const changed = (name: keyof ClientSettings) =>
    !(name in shown.data) || shown.data[name] !== parsed.data[name];
  const to = Object.fromEntries(
    Object.entries(parsed.data).filter(([name]) => changed(name as keyof ClientSettings)),
  );
  try {
    const client = await wiring().clients.changeSettings(session.clientId, { to, shown: shown.data });
    return client ? { outcome: "saved", settings: client.settings } : { outcome: "not-installed" };
  } catch (error) {
    if (!(error instanceof SettingsConflictError)) throw error;
    return { outcome: "conflict", fields: error.keys, current: error.current };
  }
}

/** What the form's user typed, and what each field was where it was shown. */
function fieldsOf(form: FormData) {
  const fields = [...form];
  const typed = fields.filter(([name]) => !name.startsWith(SHOWN));
  const shown = fields.filter(([name]) => name.startsWith(SHOWN));
  return [
    Object.fromEntries(typed),
    Object.fromEntries(shown.map(([name, value]) => [name.slice(SHOWN.length), value])),
  ];
}

/** Of each field the first that is wrong with it. */
function faultsOf({ issues }: z.ZodError): SettingsFaults {
  return Object.fromEntries(issues.map(({ path, message }) => [path[0], message]).reverse());
}

export type SessionDefaults = ReturnType<typeof defaultSessionPolicy>;

/** What holds for sessions where the winery chose nothing. */
export function defaultSessionPolicy() {
  const { maxAgeSeconds, idleTimeoutSeconds, renewalLimitSeconds, maxSessionsPerUser, atSessionLimit } =
    wiring().env.sessionPolicy;
  return {
    sessionMaxAgeSeconds: maxAgeSeconds,
    sessionIdleTimeoutSeconds: idleTimeoutSeconds,
    sessionRenewalLimitSeconds: renewalLimitSeconds,
    sessionMaxPerUser: maxSessionsPerUser,
    sessionAtLimit: atSessionLimit,
  };
}
