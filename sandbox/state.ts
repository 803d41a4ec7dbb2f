import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readStateFile, writeStateFile } from "./state-file";
import { type Delivery, deliverySchema, type Theme, themes } from "./types";
import { findStaff, requireWinery, type Staff, wineries } from "./wineries";

const keptDeliveries = 50;

const stateSchema = z.object({
  secret: z.string().min(32),
  theme: z.enum(themes),
  wineries: z.record(z.string(), z.object({ installed: z.boolean(), staffId: z.string() })),
  deliveries: z.array(deliverySchema),
});

type StateData = z.infer<typeof stateSchema>;

/** What the sandbox remembers; every change is in the state file, where there is one, before it returns. */
export type State = {
  /** Signs account tokens; lives in the file so that an open admin page outlasts a restart. */
  readonly secret: string;
  theme(): Theme;
  setTheme(theme: Theme): void;
  installed(tenantId: string): boolean;
  setInstalled(tenantId: string, installed: boolean): void;
  /** The staff member who is signed in to the winery's admin. Throws for an unknown winery. */
  staff(tenantId: string): Staff;
  setStaff(tenantId: string, staffId: string): void;
  /** The last 50, newest first. */
  deliveries(): Delivery[];
  addDelivery(delivery: Delivery): void;
};

/**
 * Opens the state kept in `file`, or a fresh one where the file is not there yet; without `file` it lives in
 * memory. Throws an error that names the file where it can't be read or is damaged.
 */
export function openState(file?: string): State {
  const data: StateData = (file && readStateFile(file, stateSchema)) || freshState();
  const save = () => {
    if (file) writeStateFile(file, data);
  };
  save();

  const entry = (tenantId: string) => {
    const winery = requireWinery(tenantId);
    data.wineries[tenantId] ??= { installed: false, staffId: winery.staff[0].id };
    return data.wineries[tenantId];
  };

  return {
    secret: data.secret,
    theme: () => data.theme,
    setTheme: (theme) => {
      data.theme = theme;
      save();
    },
    installed: (tenantId) => entry(tenantId).installed,
    setInstalled: (tenantId, installed) => {
      entry(tenantId).installed = installed;
      save();
    },
    staff: (tenantId) => {
      const winery = requireWinery(tenantId);
      return findStaff(winery, entry(tenantId).staffId) ?? winery.staff[0];
    },
    setStaff: (tenantId, staffId) => {
      entry(tenantId).staffId = staffId;
      save();
    },
    deliveries: () => structuredClone(data.deliveries),
    addDelivery: (delivery) => {
      data.deliveries = [delivery, ...data.deliveries].slice(0, keptDeliveries);
      save();
    },
  };
}

function freshState(): StateData {
  const entries = wineries.map((each) => [each.tenantId, { installed: false, staffId: each.staff[0].id }]);
  return {
    secret: randomBytes(32).toString("base64url"),
    theme: "light",
    wineries: Object.fromEntries(entries),
    deliveries: [],
  };
}
