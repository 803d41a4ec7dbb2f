import { type Theme, themeSchema } from "./clients/settings";
import type { Session } from "./sessions/session";

/** DOOR: the theme that the session remembers; null leaves it to the browser. */
export function themeOf(session: Session | undefined): Theme | null {
  return themeSchema.safeParse(session?.data.theme).data ?? null;
}
