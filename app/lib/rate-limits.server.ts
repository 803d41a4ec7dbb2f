import type { AppLoadContext } from "@remix-run/node";

/** Where a request comes from. Requests without an address, since the connection is gone, are counted together. */
export const addressOf = (context: AppLoadContext): string => context.address ?? "unknown";
