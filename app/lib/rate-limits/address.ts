import ipaddr from "ipaddr.js";

/** Whoever has no address that can be read is counted together. */
export const UNKNOWN_ADDRESS = "unknown";

/** A proxy may add the port: `192.0.2.7:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/;

/** What a network prefix of so many bits may do, compared with a single user's (a /64). */
type Width = { bits: 64 | 56 | 48; factor: number };

/**
 * Providers give a home a /56 and a company a /48 (RFC 6177), and its owner can use any /64 in it. A whole town may share one
 * as well, so it may do more than a single /64.
 */
const IPV6_WIDTHS: Width[] = [
  { bits: 64, factor: 1 },
  { bits: 56, factor: 4 },
  { bits: 48, factor: 16 },
];

/** Whom an address counts as, and how many times as much as a single user that may do. */
export type AddressKey = { key: string; factor: number };

/**
 * The keys that a network address is counted by, the narrowest first: an IPv4 address itself; the /64, /56 and /48 of an IPv6
 * address. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.7`) is the IPv4 address. Never throws: what is not an
 * address is `unknown`.
 */
export function addressKeys(address: string | undefined): [AddressKey, ...AddressKey[]] {
  const text = address?.trim() ?? "";
  const [, bracketed, plain] = WITH_PORT.exec(text) ?? [];
  const bare = bracketed ?? plain ?? text;
  // ipaddr.js also reads what the C library once did, like 0x7f.1: no socket and no proxy writes that.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return [{ key: bare, factor: 1 }];
  if (!ipaddr.IPv6.isValid(bare)) return [{ key: UNKNOWN_ADDRESS, factor: 1 }];
  const parsed = ipaddr.IPv6.parse(bare);
  if (parsed.isIPv4MappedAddress()) return [{ key: parsed.toIPv4Address().toString(), factor: 1 }];
  return IPV6_WIDTHS.map(({ bits, factor }) => ({ key: networkOf(parsed, bits), factor })) as [
    AddressKey,
    ...AddressKey[],
  ];
}

function networkOf(address: ipaddr.IPv6, bits: number): string {
  const plain = new ipaddr.IPv6(address.toByteArray()).toNormalizedString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${bits}`);
  const groups = network.parts.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(":")}::/${bits}`;
}
