import fc from "fast-check";
import { expect, it } from "vitest";
import { addressKeys, UNKNOWN_ADDRESS } from "../../../app/lib/rate-limits/address";

const addressKey = (address: string | undefined) => addressKeys(address)[0].key;

it.each([
  ["IPv4", "192.0.2.7", "192.0.2.7"],
  ["IPv4 with white space around it", " 192.0.2.7 ", "192.0.2.7"],
  ["IPv4 with a port", "192.0.2.7:4711", "192.0.2.7"],
  ["IPv4 written as IPv6", "::ffff:192.0.2.7", "192.0.2.7"],
  ["… in hexadecimal", "::FFFF:C000:0207", "192.0.2.7"],
  ["… with a port", "[::ffff:192.0.2.7]:4711", "192.0.2.7"],
  ["IPv6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["IPv6, another of the same /64", "2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["IPv6 of the next /64", "2001:db8:1:3::1", "2001:db8:1:3::/64"],
  ["IPv6 with a port", "[2001:db8:1:2::1]:4711", "2001:db8:1:2::/64"],
  ["IPv6 with a zone", "fe80::1%eth0", "fe80:0:0:0::/64"],
  ["IPv6's own host", "::1", "0:0:0:0::/64"],
])("%s", (_what, address, key) => {
  expect(addressKey(address)).toBe(key);
});

it.each(
  [
    undefined,
    "",
    "unknown",
    "_hidden",
    "localhost",
    "1",
    "0x7f.1",
    "127.1",
    "192.0.2.256",
    "192.0.2.7, 198.51.100.1",
    "192.0.2.7/24",
    "2001:db8::/64",
    "[2001:db8::1",
    ":::",
    "fe80::1%",
    "\0",
    "1".repeat(100_000),
  ].map((address) => [address?.slice(0, 30), address]),
)("what is no address is counted together: %j", (_shown, address) => {
  expect(addressKey(address)).toBe(UNKNOWN_ADDRESS);
});

it("no text makes it throw, and what it answers is short", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefx.:[]%/ ") }),
    fc.ipV4Extended(),
    fc.ipV6(),
  );
  fc.assert(fc.property(anything, (text) => void expect(addressKey(text).length).toBeLessThan(26)));
});

const group = fc.integer({ min: 0, max: 0xffff });
const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length });
const written = (...parts: number[][]) =>
  parts
    .flat()
    .map((part) => part.toString(16))
    .join(":");

it("the network alone tells IPv6 addresses apart", () => {
  // ::ffff:0:0/96 holds the IPv4 addresses, which are told apart one by one.
  const network = groups(4).filter((parts) => parts.some((part) => part !== 0));
  fc.assert(
    fc.property(network, network, groups(4), groups(4), (one, other, host, anotherHost) => {
      expect(addressKey(written(one, host))).toBe(addressKey(written(one, anotherHost)));
      if (written(one) !== written(other)) {
        expect(addressKey(written(one, host))).not.toBe(addressKey(written(other, host)));
      }
    }),
  );
});

it("an IPv4 address is one, however it is written", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(addressKey(address)).toBe(address);
      expect(addressKey(`::ffff:${address}`)).toBe(address);
    }),
  );
});

it("an IPv6 address also counts as its /56 and its /48, which may do more; an IPv4 address as itself alone", () => {
  expect(addressKeys("2001:db8:1:2ff::7")).toEqual([
    { key: "2001:db8:1:2ff::/64", factor: 1 },
    { key: "2001:db8:1:200::/56", factor: 4 },
    { key: "2001:db8:1:0::/48", factor: 16 },
  ]);
  for (const one of ["192.0.2.7", "::ffff:192.0.2.7", "nonsense"]) expect(addressKeys(one)).toHaveLength(1);
});
