import { expect, it } from "vitest";
import { tenantIdSchema } from "../../../app/lib/commerce7/tenant";

it.each(["ab", "a1", "00", "spectrawinery", "old-oak-estate", "a--b", "x".repeat(64)])(
  "%s is a tenant",
  (tenantId) => {
    expect(tenantIdSchema.parse(tenantId)).toBe(tenantId);
  },
);

it.each([
  "",
  "a",
  "-ab",
  "ab-",
  "Spectra",
  "old_oak",
  "old oak",
  "old.oak",
  "old-oak\n",
  "\nold-oak",
  "old-oak\0",
  "bodéga",
  "../admin",
  "a/b",
  "x".repeat(65),
])("%j is none", (tenantId) => {
  expect(tenantIdSchema.safeParse(tenantId).error?.issues).toMatchObject([
    { message: "tenantId must be a lower-case slug of 2 to 64 letters, digits and hyphens" },
  ]);
});

it.each([null, undefined, 12, ["old-oak"], { a: 1 }])("%j is not even a text", (tenantId) => {
  const [issue] = tenantIdSchema.safeParse(tenantId).error?.issues ?? [];
  expect(issue?.message).toBe("tenantId must be a string");
});
