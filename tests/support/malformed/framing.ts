import fc from "fast-check";
import type { Header } from "./headers";

export type Framed = { headers: Header[]; content: string; alone: boolean };

const LENGTH = "Content-Length";
const CHUNKED: Header = ["Transfer-Encoding", "chunked"];
const NO_LENGTHS = ["-1", "1e3", "0x10", "9".repeat(30), "", "1, 2"];

export const NO_BODY: Framed = { headers: [], content: "", alone: false };

/** How long the body is said to be: as long as it is, mostly. */
export function framed(content: string): fc.Arbitrary<Framed> {
  const length = (said: number | string): Header => [LENGTH, String(said)];
  const chunk = `${content.length.toString(16)}\r\n${content}\r\n`;
  const alone = (headers: Header[], sent = content): Framed => ({ headers, content: sent, alone: true });
  const games = fc.oneof(
    fc.constantFrom(
      alone([CHUNKED], `${chunk}0\r\n\r\n`),
      alone([CHUNKED], chunk),
      alone([CHUNKED]),
      alone([CHUNKED, length(content.length)], `${chunk}0\r\n\r\n`),
      alone([["Transfer-Encoding", "gzip, chunked"]]),
      alone([length(content.length), length(content.length + 1)]),
      alone([]),
    ),
    fc.integer({ min: 1, max: 70_000 }).map((more) => alone([length(content.length + more)])),
    fc.nat(content.length).map((less) => alone([length(less)])),
    fc.constantFrom(...NO_LENGTHS).map((said) => alone([length(said)])),
  );
  const honest = fc.constant<Framed>({ headers: [length(content.length)], content, alone: false });
  return fc.oneof({ weight: 8, arbitrary: honest }, { weight: 2, arbitrary: games });
}
