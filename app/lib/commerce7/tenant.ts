import { z } from "zod";

/** Commerce7's tenant: the first label of its admin host, a lower-case slug. */
export const tenantIdSchema = z
  .string({ error: "tenantId must be a string" })
  .regex(/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/, {
    error: "tenantId must be a lower-case slug of 2 to 64 letters, digits and hyphens",
  });
