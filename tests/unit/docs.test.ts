import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const GUARANTEES = readFileSync("docs/sessions.md", "utf8");
const named = [...GUARANTEES.matchAll(/^- `(tests\/[^`]+)`: "(.+)"$/gm)].map(([, file, title]) => ({
  file: file as string,
  title: title as string,
}));

it("docs/sessions.md names a test for every guarantee", () => {
  const guarantees = GUARANTEES.split("## Guarantees")[1]?.split("\n## ")[0]?.split(/^\*\*/m).slice(1) ?? [];
  expect(guarantees.length).toBeGreaterThan(10);
  expect(guarantees.filter((guarantee) => !/\n- `tests\//.test(guarantee))).toEqual([]);
});

it.each(named)("$file holds what docs/sessions.md says: $title", ({ file, title }) => {
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toContain(title);
});

const PAGES = "docs/adapters";
const EXAMPLES = "docs/examples";
const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

it.each(filesIn(EXAMPLES))("docs/examples/%s stands on its page, letter by letter", (file) => {
  const pages = filesIn(PAGES).map((page) => readFileSync(`${PAGES}/${page}`, "utf8"));
  const code = readFileSync(`${EXAMPLES}/${file}`, "utf8");
  expect(pages.filter((page) => page.includes(`\`\`\`ts\n${code}\`\`\``))).toHaveLength(1);
});

it.each(filesIn(PAGES))("docs/adapters/%s has an example that runs", (page) => {
  expect(readFileSync(`${PAGES}/${page}`, "utf8")).toMatch(/^```ts$/m);
});
