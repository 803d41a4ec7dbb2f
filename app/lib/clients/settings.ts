import { z } from "zod";
import { DAY_SECONDS, MINUTE_SECONDS } from "../base/durations";

export type Theme = "light" | "dark";

/** What a winery sets for itself; null leaves the choice to the app. */
export type ClientSettings = {
  contactEmail: string | null;
  defaultTheme: Theme | null;
  /** Absolute lifetime of new sessions, in seconds. */
  sessionMaxAgeSeconds: number | null;
};

/** Bounds that a winery may choose a session's lifetime from; the table checks them too. */
export const SESSION_MAX_AGE_BOUNDS = { min: 15 * MINUTE_SECONDS, max: DAY_SECONDS } as const;

const NO_EMAIL = "Enter an e-mail address like name@example.com, or leave the field empty.";

export const themeSchema = z.enum(["light", "dark"], { error: "Choose light, dark or automatic." });

const emptyIsNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value);

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
      .min(SESSION_MAX_AGE_BOUNDS.min, { error: "A session lasts at least 15 minutes." })
      .max(SESSION_MAX_AGE_BOUNDS.max, { error: "A session lasts at most 24 hours." })
      .nullable(),
  ),
});
