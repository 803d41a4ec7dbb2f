import { DAY_MS } from "./base/durations";
import type { StaffEntry } from "./staff/staff-directory";
import { wiring } from "./wiring.server";

/** DOOR: what the owner of a mailbox may do here. Asked when a link is sent, and again whenever it is used. */

export type Right =
  | { kind: "operator" }
  /** Somebody's at a winery that has Libero, as Commerce7 vouched for them of late. */
  | ({ kind: "winery" } & StaffEntry);

/** An operator's first, then wineries'; none for a stranger. @throws UnavailableError */
export async function rightsOf(email: string): Promise<Right[]> {
  const { env, staff, clock } = wiring();
  const days = env.signInLinkStaffDays;
  const entries = days === 0 ? [] : await staff.findByEmail(email, clock() - days * DAY_MS);
  return [
    ...(isOperator(email) ? [{ kind: "operator" } as const] : []),
    ...entries.map((entry) => ({ kind: "winery", ...entry }) as const),
  ];
}

/** Whether the address is among OPERATOR_EMAILS now. */
export const isOperator = (email: string): boolean => wiring().env.operatorEmails.includes(email);

/** What a form says to choose a right. */
export const nameOf = (right: Right): string =>
  right.kind === "operator" ? "operator" : `winery:${right.tenantId}`;
