import type { Session } from "./sessions/session";
import { wiring } from "./wiring.server";

/**
 * Whether the user of a session may manage their winery: see and end other users' sessions, and change settings. The exact
 * name of their role decides (ADMIN_ROLES), so "Administrative assistant" is not "Admin".
 */
export function isAdministrator({ user }: Pick<Session, "user">): boolean {
  return user.role !== null && wiring().env.adminRoles.includes(user.role);
}
