import { z } from "zod";

const FIX = "copy a secret key (sb_secret_…) from Supabase's settings, API Keys";

const claims = z.object({ role: z.string() });

/** A key that may call Libero's functions: a secret key, or the JWT of the role `service_role`, which came before it. */
export const supabaseKey = z.string().check((context) => {
  const error = errorOf(context.value);
  if (error) context.issues.push({ code: "custom", message: `${error}; ${FIX}`, input: undefined });
});

/** The key is left out: a message is logged, and a typing error may reveal a key. */
function errorOf(key: string): string | undefined {
  if (key.startsWith("sb_publishable_")) return "is a publishable key, which is for browsers";
  if (key.startsWith("sbp_")) return "is the access token of an account, not a key of the project";
  const role = roleOf(key);
  if (role === "anon" || role === "authenticated")
    return `is a key of the role ${role}, which is for browsers`;
  return key.length < 20 ? "is too short to be a key" : undefined;
}

/** The role that a JWT names; undefined where it is no JWT, or names none. */
function roleOf(key: string): string | undefined {
  const [, payload, signature] = key.split(".");
  if (!payload || !signature) return undefined;
  try {
    return claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString())).data?.role;
  } catch {
    return undefined;
  }
}
