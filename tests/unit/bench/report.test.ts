import { describe, expect, it } from "vitest";
import { chartSvg } from "../../../bench/report/chart";
import { markdownTable, resultsMarkdown } from "../../../bench/report/markdown";
import { isMet, measuredText, number } from "../../../bench/report/results";
import { tablesForTerminal, targetsForTerminal } from "../../../bench/report/terminal";
import { chart, results, target } from "./results";

describe("targets", () => {
  it("are met at their bound", () => {
    expect(isMet(target({ measured: 10 }))).toBe(true);
    expect(isMet(target({ measured: 10, is: "at most" }))).toBe(true);
    expect(isMet(target({ measured: 9.99 }))).toBe(false);
    expect(isMet(target({ measured: 10.01, is: "at most" }))).toBe(false);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, null as unknown as number])(
    "%s is no measurement",
    (measured) => {
      expect(isMet(target({ measured }))).toBe(false);
      expect(isMet(target({ measured, is: "at most" }))).toBe(false);
      expect(measuredText(target({ measured }))).toBe("not measured");
    },
  );

  it("are never rounded to the other side of their bound", () => {
    expect(measuredText(target({ measured: 12.345 }))).toBe("12.3 ×");
    expect(measuredText(target({ measured: 9.9996 }))).toBe("9.9996 ×");
    expect(measuredText(target({ measured: 1.0004, bound: 1, is: "at most", unit: "" }))).toBe("1.0004");
    expect(measuredText(target({ measured: 10 }))).toBe("10 ×");
    expect(measuredText(target({ measured: 1_234_567 }))).toBe("1,234,567 ×");
  });
});

it("numbers keep their whole digits", () => {
  expect(number(216_493.7, 3)).toBe("216,494");
  expect(number(0.012345, 3)).toBe("0.0123");
});

describe("the terminal's tables", () => {
  it("say plainly what was missed", () => {
    const printed = targetsForTerminal(
      results({ targets: [target(), target({ what: "slow", measured: 3 })] }),
    );
    expect(printed).toMatch(/slow .* ≥ 10 × .* 3 × .* MISSED/);
    expect(printed).toContain("1 of 2 targets met");
  });

  it("show a suite's", () => {
    expect(tablesForTerminal(results(), "requests")).toContain("216,000/s");
    expect(tablesForTerminal(results(), "http")).toBe("");
  });
});

describe("results.md", () => {
  const page = resultsMarkdown(results());

  it("has the machine, the targets, every table, the chart, and what failed", () => {
    for (const part of [
      "PostgreSQL 18.4",
      "no Redis",
      "12.3 ×",
      "### Speeds",
      "Higher is better.",
      "(requests.svg)",
    ])
      expect(page).toContain(part);
    expect(page).toContain("## Over HTTP\n\nFailed: Error: no port\n");
  });

  it("breaks no table with what stands in it", () => {
    expect(page).toContain("Libero \\| cached");
    expect(markdownTable(["a", "b"], [["long name", "1"]])).toBe(
      "| a         |   b |\n| --------- | --: |\n| long name |   1 |\n",
    );
  });
});

describe("a chart", () => {
  const svg = chartSvg(chart);
  const widths = [...svg.matchAll(/<rect class="(?:bar|ours)"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );

  it("has bars in the order of their values, ours in their own colour, each with its value", () => {
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(svg.match(/<rect class="ours"/g)).toHaveLength(2);
    for (const value of ["216,000", "3,450", "410"]) expect(svg).toContain(`>${value}</text>`);
  });

  it("is drawn to the logarithm where values are far apart, and says so", () => {
    const ratio = ((widths[0] ?? 0) - (widths[1] ?? 0)) / ((widths[1] ?? 0) - (widths[2] ?? 0));
    expect(ratio).toBeCloseTo(Math.log(216_000 / 3_450) / Math.log(3_450 / 410), 1);
    expect(svg).toContain("logarithmic scale");
  });

  it("is drawn from 0 where they are not", () => {
    const near = chartSvg({
      ...chart,
      bars: [
        { name: "a", value: 40, ours: true },
        { name: "b", value: 20, ours: false },
      ],
    });
    const [a = 0, b = 1] = [...near.matchAll(/<rect class="(?:bar|ours)"[^>]* width="([\d.]+)"/g)].map(
      ([, width]) => Number(width),
    );
    expect(a / b).toBeCloseTo(2, 1);
    expect(near).toContain("linear scale from 0");
  });

  it("is told in words, for whoever does not see it, and has both colour schemes", () => {
    expect(svg).toContain('<title id="title">Requests per second</title>');
    expect(svg).toMatch(/<desc id="desc">.*Peer &lt;A&gt; &amp; sons: 3,450/);
    expect(svg).toContain("prefers-color-scheme: dark");
  });
});
