import { z } from "zod";
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from "../base/durations";

export type Theme = "light" | "dark";

/** What a winery sets for itself; null leaves the choice to the app, and 0 turns a limit off. */
export type ClientSettings = {
  contactEmail: string | null;
  defaultTheme: Theme | null;
  /** Absolute lifetime of new sessions, in seconds. */
  sessionMaxAgeSeconds: number | null;
  /** A session that was not used for so long ends. */
  sessionIdleTimeoutSeconds: number | null;
  /** With use a session is renewed, up to this age. */
  sessionRenewalLimitSeconds: number | null;
  /** How many sessions one person may have. */
  sessionMaxPerUser: number | null;
  /** What happens when somebody signs in who has that many. */
  sessionAtLimit: "end-oldest" | "refuse-new" | null;
};

/** Settings that change, and what they were where they were chosen: for the same keys. */
export type SettingsChange = { to: Partial<ClientSettings>; shown: Partial<ClientSettings> };

/** Another request changed the same settings since they were shown. Nothing was saved. */
export class SettingsConflictError extends Error {
  override name = "SettingsConflictError";
  constructor(
    readonly keys: (keyof ClientSettings)[],
    /** The settings as they are now. */
    readonly current: ClientSettings,
  ) {
    super(`settings were changed by another request meanwhile: ${keys.join(", ")}`);
  }
}

/** A client that has set nothing. */
export const NO_SETTINGS: ClientSettings = {
  contactEmail: null,
  defaultTheme: null,
  sessionMaxAgeSeconds: null,
  sessionIdleTimeoutSeconds: null,
  sessionRenewalLimitSeconds: null,
  sessionMaxPerUser: null,
  sessionAtLimit: null,
};

/** Bounds that a winery may choose within; the table checks them too. 0 is allowed besides, except for the lifetime. */
export const SESSION_BOUNDS = {
  sessionMaxAgeSeconds: { min: 15 * MINUTE_SECONDS, max: DAY_SECONDS },
  sessionIdleTimeoutSeconds: { min: 5 * MINUTE_SECONDS, max: DAY_SECONDS },
  sessionRenewalLimitSeconds: { min: HOUR_SECONDS, max: 30 * DAY_SECONDS },
  sessionMaxPerUser: { min: 1, max: 100 },
} as const;

export type SessionBounds = typeof SESSION_BOUNDS;

const NO_EMAIL = "Enter an e-mail address like name@example.com, or leave the field empty.";

export const themeSchema = z.enum(["light", "dark"], { error: "Choose light, dark or automatic." });

const emptyIsNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value);

/** A limit within bounds, 0 for none, or nothing chosen. */
const zeroOr = ({ min, max }: { min: number; max: number }, error: string) =>
  z.preprocess(
    emptyIsNull,
    z.coerce
      .number({ error })
      .int({ error })
      .refine((value) => value === 0 || (value >= min && value <= max), { error })
      .nullable(),
  );

/** The settings form: strings as a browser sends them, empty meaning "not set". */
export const settingsFormSchema = z.object({
  contactEmail: z.preprocess(
    emptyIsNull,
    z
      .string({ error: NO_EMAIL })
      .trim()
      .max(254, { error: "An e-mail address has at most 254 characters." })
      .pipe(z.email({ error: NO_EMAIL }))
      .nullable(),
  ),
  defaultTheme: z.preprocess(emptyIsNull, themeSchema.nullable()),
  sessionMaxAgeSeconds: z.preprocess(
    emptyIsNull,
    z.coerce
      .number({ error: "Choose a session lifetime from the list." })
      .int({ error: "Choose a session lifetime from the list." })
      .min(SESSION_BOUNDS.sessionMaxAgeSeconds.min, { error: "A session lasts at least 15 minutes." })
      .max(SESSION_BOUNDS.sessionMaxAgeSeconds.max, { error: "A session lasts at most 24 hours." })
      .nullable(),
  ),
  sessionIdleTimeoutSeconds: zeroOr(
    SESSION_BOUNDS.sessionIdleTimeoutSeconds,
    "Choose an idle limit from the list, between 5 minutes and 24 hours.",
  ),
  sessionRenewalLimitSeconds: zeroOr(
    SESSION_BOUNDS.sessionRenewalLimitSeconds,
    "Choose a renewal limit from the list, between 1 hour and 30 days.",
  ),
  sessionMaxPerUser: zeroOr(
    SESSION_BOUNDS.sessionMaxPerUser,
    "Choose a number of sessions from the list, between 1 and 100.",
  ),
  sessionAtLimit: z.preprocess(
    emptyIsNull,
    z.enum(["end-oldest", "refuse-new"], { error: "Choose what happens from the list." }).nullable(),
  ),
});
