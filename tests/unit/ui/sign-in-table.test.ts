import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { SignInTable } from "../../../app/ui/sign-in-table";

const entry = (
  id: string,
  changes: { origin?: "open" | "install" | "link"; device?: string | null } = {},
) => ({
  id,
  clientId: "c",
  tenantId: "spectrawinery",
  origin: "open" as const,
  device: "Firefox on Windows",
  createdAtMs: Date.UTC(2026, 10, 20, 8),
  lastActivityAtMs: Date.UTC(2026, 10, 20, 9),
  expiresAtMs: Date.UTC(2026, 10, 20, 16),
  user: { id: "u", name: "Maya Okafor" },
  ...changes,
});

type Props = Partial<Parameters<typeof SignInTable>[0]>;

/** Of each row, the text of its cells. */
function rows(props: Props) {
  const html = renderToStaticMarkup(
    createElement(SignInTable, { entries: [], currentId: "here", labelledBy: "own", ...props }),
  );
  const body = /<tbody[^>]*>(.*)<\/tbody>/.exec(html)?.[1] ?? "";
  return [...body.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = ""]) =>
      cell
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    ),
  );
}

it("E5: by person, a row says who, on which device, and when", () => {
  const [[who, ...times] = []] = rows({ entries: [entry("a")] });
  expect(who).toMatch(/^MO Maya Okafor Firefox on Windows Signed in 20 Nov, 08:00 UTC/);
  expect(times).toEqual(["20 Nov, 08:00 UTC", "20 Nov, 09:00 UTC", "20 Nov, 16:00 UTC"]);
});

it("E5: by device, a row says which; one without a name is unknown, one from an install says so", () => {
  const entries = [entry("a"), entry("b", { device: null }), entry("c", { origin: "install", device: null })];
  expect(rows({ entries, by: "device" }).map(([device]) => device?.split(" Signed in")[0])).toEqual([
    "Firefox on Windows",
    "Unknown browser",
    "From installing the app",
  ]);
  expect(rows({ entries }).map(([who]) => who?.split(" Signed in")[0])).toEqual([
    "MO Maya Okafor Firefox on Windows",
    "MO Maya Okafor Unknown browser",
    "MO Maya Okafor From installing the app",
  ]);
});

it("E5, B7: whoever signed in by a link, from outside the admin, is known by it", () => {
  const entries = [entry("a", { origin: "link" }), entry("b", { origin: "link", device: null })];
  expect(rows({ entries, by: "device" }).map(([device]) => device?.split(" Signed in")[0])).toEqual([
    "Firefox on Windows, by e-mail",
    "Unknown browser, by e-mail",
  ]);
});

it("E5: this browser is marked, and every other session can be acted on by what its row is called", () => {
  const action: Props["action"] = ({ id }, name) => `end ${id} of ${name}`;
  const [here, there] = rows({ entries: [entry("here"), entry("there")], by: "device", action });
  expect(here?.[0]).toContain("This browser");
  expect(here?.at(-1)).toBe("");
  expect(there?.[0]).not.toContain("This browser");
  expect(there?.at(-1)).toBe("end there of Firefox on Windows");
});
