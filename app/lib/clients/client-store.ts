import type { JsonObject } from "../base/json";
import type { ClientSettings, SettingsChange } from "./settings";

/** A winery that has Libero installed. */
export type Client = {
  id: string;
  /** Commerce7's tenant: the first label of its admin host. */
  tenantId: string;
  installedAtMs: number;
  settings: ClientSettings;
};

export type Installation = {
  tenantId: string;
  /** What the merchant typed in Commerce7's install form. */
  installSettings: JsonObject;
  /** Taken as the contact address where the client has none yet. */
  contactEmail: string | null;
};

/** Where clients live. `tests/contract/client-store.ts` holds every store to these comments. */
export interface ClientStore {
  /** Creates the client, or reactivates it; settings made in the app survive a second install. */
  install(installation: Installation): Promise<Client>;

  /**
   * Soft-deletes the client and ends every session of it before it returns; no sign-in under way gets by.
   * @returns how many sessions ended; 0 for an unknown tenant
   */
  uninstall(tenantId: string): Promise<number>;

  /** The installed client of a tenant; undefined where there is none. */
  findByTenant(tenantId: string): Promise<Client | undefined>;

  /** The installed client with this id; undefined where there is none. */
  findById(id: string): Promise<Client | undefined>;

  /**
   * Saves the settings that change, and no other.
   * @param change.shown what the caller saw these settings to be
   * @returns the client as it is then; undefined where it is not installed
   * @throws SettingsConflictError where one of them is neither as it was shown nor as it is to be; nothing is saved then
   */
  changeSettings(id: string, change: SettingsChange): Promise<Client | undefined>;
}
