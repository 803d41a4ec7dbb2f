import { z } from "zod";

export const faults = ["none", "refuse", "hang", "500", "html", "no-id"] as const;

/** How the account API misbehaves; `none` is an ordinary answer. */
export type Fault = (typeof faults)[number];

export const themes = ["light", "dark"] as const;

/** The admin's theme, handed to the app as `adminUITheme`. */
export type Theme = (typeof themes)[number];

export const deliverySchema = z.object({
  time: z.iso.datetime(),
  kind: z.enum(["install", "uninstall"]),
  tenantId: z.string(),
  url: z.string(),
  requestBody: z.record(z.string(), z.unknown()),
  status: z.number().int().optional(),
  error: z.string().optional(),
  responseBody: z.string(),
  durationMs: z.number(),
});

/**
 * One webhook that was sent to the app, and what came of it.
 *
 * `time` is when it was sent (ISO, UTC); `status` is absent where no answer came, and `error` then says why;
 * `responseBody` holds at most the first 2 KB. Credentials are never part of it.
 */
export type Delivery = z.infer<typeof deliverySchema>;

/** True where the app answered the webhook with a 2xx, all of it. */
export function succeeded(delivery: Delivery): boolean {
  const { status, error } = delivery;
  return error === undefined && status !== undefined && status >= 200 && status < 300;
}
