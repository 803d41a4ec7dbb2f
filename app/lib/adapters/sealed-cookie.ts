import type { Cookie } from "@remix-run/node";
import { parseCookie, type SerializeOptions } from "cookie";
import { createTokenSeal } from "../vault/seal";

/** JWE in its compact form begins with a header in JSON, and has five parts. */
const SEALED = /^eyJ[\w-]*(\.[\w-]*){4}$/;

/**
 * Reads and writes a Remix cookie's value encrypted and authenticated (JWE, see `vault/seal.ts`), bound to its name. What
 * the `plain` cookie signed is still read, and written encrypted the next time.
 * @param secrets the first encrypts, all decrypt
 */
export function sealedCookie(
  plain: Cookie,
  secrets: readonly string[],
  stringify: (value: string, options?: SerializeOptions) => string,
): Pick<Cookie, "parse" | "serialize"> {
  const seal = createTokenSeal(secrets);
  const context = ["cookie session", plain.name] as const;
  const open = async (value: string) => {
    try {
      return JSON.parse(await seal.open(value, context));
    } catch {
      return null;
    }
  };
  return {
    async parse(header, options) {
      const value = header ? parseCookie(header)[plain.name] : undefined;
      return value !== undefined && SEALED.test(value) ? open(value) : plain.parse(header, options);
    },
    async serialize(value, options) {
      if (value === "") return plain.serialize("", options);
      return stringify(await seal.seal(JSON.stringify(value), context), options);
    },
  };
}
