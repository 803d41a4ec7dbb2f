import { type ClientSettings, settingsFormSchema } from "./clients/settings";
import { wiring } from "./wiring.server";

/** DOOR: what a winery sets for itself. */

export { type ClientSettings, SESSION_BOUNDS, type SessionBounds } from "./clients/settings";

export type SettingsFaults = Partial<Record<keyof ClientSettings, string>>;

export type SettingsOutcome =
  | { outcome: "saved"; settings: ClientSettings }
  | { outcome: "invalid"; faults: SettingsFaults }
  | { outcome: "not-installed" };

/** The client's settings; undefined where it is not installed (any more). */
export async function getClientSettings(clientId: string): Promise<ClientSettings | undefined> {
  return (await wiring().clients.findById(clientId))?.settings;
}

/** Validates and saves the settings form. Nothing is saved where any field is at fault. */
export async function saveClientSettings(clientId: string, form: FormData): Promise<SettingsOutcome> {
  const parsed = settingsFormSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => [path[0], message]).reverse();
    return { outcome: "invalid", faults: Object.fromEntries(faults) };
  }
  const client = await wiring().clients.saveSettings(clientId, parsed.data);
  return client ? { outcome: "saved", settings: client.settings } : { outcome: "not-installed" };
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
