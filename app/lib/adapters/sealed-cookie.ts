import type { Cookie } from "@remix-run/node";
import { parseCookie, type SerializeOptions } from "cookie";
import { createTokenSeal } from "../vault/seal";

/** JWE in its compact form begins with a header in JSON, and has five parts. */
const SEALED = /^eyJ[\w-]*(\.[\w-]*){4}$/;

/**
 * A Remix cookie whose value is encrypted and authenticated (JWE, see `vault/seal.ts`), bound to the cookie's name. What
 * the `plain` cookie signed is still read, and written encrypted the next time.
 * @param secrets the first encrypts, all decrypt
 */
export function sealedCookie(
  plain: Cookie,
  secrets: readonly string[],
  stringify: (value: string, options?: SerializeOptions) => string,
): Cookie {
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
    name: plain.name,
    isSigned: true,
    get expires() {
      return plain.expires;
    },
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
