import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { markedPart, withMarkedPart } from "../../../bench/report/marked";
import { readmePart } from "../../../bench/report/readme";
import { costsOf } from "../../../bench/scaling/costs";
import { scalingPart } from "../../../bench/scaling/page";
import { results, target } from "./results";

const FILE = "bench/results/results.json";
const kept = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : undefined;

describe("what pages quote is what the benchmark measured, and nothing where it has not run", () => {
  it("README.md", () => {
    expect(markedPart(readFileSync("README.md", "utf8"), "bench")).toBe(kept ? readmePart(kept) : "");
  });

  it("docs/scaling.md", async () => {
    const costs = kept && costsOf(kept);
    const expected = !costs || "missing" in costs ? "" : await scalingPart(costs);
    expect(markedPart(readFileSync("docs/scaling.md", "utf8"), "scaling")).toBe(expected);
  }, 60_000);

  it("the results are of a whole run", () => {
    expect(kept?.mode ?? "full").toBe("full");
    expect(kept?.suites.filter((suite: object) => "failed" in suite) ?? []).toEqual([]);
  });
});

describe("the README's part", () => {
  it("shows the first targets of each suite, and every one that was missed", () => {
    const targets = Array.from({ length: 8 }, (_, index) => target({ what: `ratio ${index}` }));
    targets[6] = target({ what: "the slow one", measured: 1 });
    const part = readmePart(results({ targets }));
    expect(part).toContain("ratio 0");
    expect(part).not.toContain("ratio 7");
    expect(part).toMatch(/the slow one .*\*\*missed\*\*/);
    expect(part).toContain("7 of 8 targets met");
  });

  it("shows the first chart", () => {
    expect(readmePart(results())).toContain("![Requests per second](bench/results/requests.svg)");
  });
});

describe("marked parts", () => {
  const page = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n";

  it("are replaced, and nothing around them", () => {
    expect(withMarkedPart(page, "x", "$& new\n")).toBe("a\n<!-- x:begin -->\n$& new\n<!-- x:end -->\nb\n");
  });

  it("have to be there", () => {
    expect(() => withMarkedPart(page, "y", "")).toThrow("no marks of y");
  });
});
