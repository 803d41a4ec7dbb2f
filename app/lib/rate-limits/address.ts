import ipaddr from "ipaddr.js";

/** Whoever has no address that can be read is counted together. */
export const UNKNOWN_ADDRESS = "unknown";

/** A proxy may add the port: `192.0.2.7:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** The first half of an IPv6 address is the network, the rest is its user's to change at will (RFC 4291, 2.5.4). */
const NETWORK_GROUPS = 4;

/**
 * Whom a network address stands for: an IPv4 address for itself, an IPv6 address for its /64. An IPv4 address that is
 * written as IPv6 (`::ffff:192.0.2.7`) is the IPv4 address. Never throws: all that is no address is `unknown`.
 */
export function addressKey(address: string | undefined): string {
  const text = address?.trim() ?? "";
  const [, bracketed, plain] = WITH_PORT.exec(text) ?? [];
  const bare = bracketed ?? plain ?? text;
  // ipaddr.js also reads what the C library once did, like 0x7f.1: no socket and no proxy writes that.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return bare;
  if (!ipaddr.IPv6.isValid(bare)) return UNKNOWN_ADDRESS;
  const parsed = ipaddr.IPv6.parse(bare);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const network = parsed.parts.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}
