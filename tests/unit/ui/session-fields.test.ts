import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { NO_SETTINGS, SESSION_BOUNDS } from "../../../app/lib/clients/settings";
import { SessionFields } from "../../../app/ui/session-fields";

const DEFAULTS = {
  sessionMaxAgeSeconds: 28_800,
  sessionIdleTimeoutSeconds: 7_200,
  sessionRenewalLimitSeconds: 0,
  sessionMaxPerUser: 0,
  sessionAtLimit: "end-oldest",
} as const;

type Changes = { settings?: object; bounds?: object; defaults?: object; faults?: object };

/** The lists on the page: of each field, the words of its options by value, and which of them is chosen. */
function render({ settings = {}, bounds = {}, defaults = {}, faults = {} }: Changes = {}) {
  const chosen = { ...NO_SETTINGS, ...settings };
  const form = { shown: (field: keyof typeof chosen) => String(chosen[field] ?? ""), faults };
  const html = renderToStaticMarkup(
    createElement(SessionFields, {
      form,
      settings: chosen,
      bounds: { ...SESSION_BOUNDS, ...bounds },
      defaults: { ...DEFAULTS, ...defaults },
    }),
  );
  const lists = [...html.matchAll(/<select[^>]* name="(\w+)"[^>]*>(.*?)<\/select>/g)].map(
    ([, name, options = ""]) => [
      name,
      [...options.matchAll(/<option value="([^"]*)"( selected="")?>([^<]*)</g)].map(
        ([, value, selected, words]) => ({ value, words, selected: selected !== undefined }),
      ),
    ],
  );
  return { html, lists: Object.fromEntries(lists) as Record<string, Option[]> };
}

type Option = { value: string; words: string; selected: boolean };

const selected = (options: Option[] = []) => options.filter((option) => option.selected).map((o) => o.words);

it("E6: where nothing is chosen, each list says in words what the app does", () => {
  const { lists } = render();
  expect(Object.entries(lists).map(([name, options]) => [name, selected(options)])).toEqual([
    ["sessionMaxAgeSeconds", ["Default (8 hours)"]],
    ["sessionIdleTimeoutSeconds", ["Default (2 hours)"]],
    ["sessionRenewalLimitSeconds", ["Default (not renewed)"]],
    ["sessionMaxPerUser", ["Default (any number)"]],
    ["sessionAtLimit", ["Default (end the oldest)"]],
  ]);
});

it("E6: the words follow the app's defaults", () => {
  const { lists } = render({
    defaults: {
      sessionIdleTimeoutSeconds: 0,
      sessionRenewalLimitSeconds: 604_800,
      sessionMaxPerUser: 3,
      sessionAtLimit: "refuse-new",
    },
  });
  expect(Object.values(lists).map((options) => options[0]?.words)).toEqual([
    "Default (8 hours)",
    "Default (no idle limit)",
    "Default (up to 7 days)",
    "Default (3)",
    "Default (refuse the new one)",
  ]);
});

it("E6: 0 turns a limit off, and says so; a lifetime there always is", () => {
  const { lists } = render();
  const zero = (name: string) => lists[name]?.find(({ value }) => value === "0")?.words;
  expect(zero("sessionIdleTimeoutSeconds")).toBe("No idle limit");
  expect(zero("sessionRenewalLimitSeconds")).toBe("Not renewed");
  expect(zero("sessionMaxPerUser")).toBe("Any number");
  expect(zero("sessionMaxAgeSeconds")).toBeUndefined();
});

it("E6: what the winery has is shown, even where the list does not offer it, in its place", () => {
  const { lists } = render({ settings: { sessionMaxPerUser: 4, sessionMaxAgeSeconds: 5_400 } });
  expect(selected(lists.sessionMaxPerUser)).toEqual(["4"]);
  expect(selected(lists.sessionMaxAgeSeconds)).toEqual(["90 minutes"]);
  expect(lists.sessionMaxPerUser?.slice(1).map(({ value }) => value)).toEqual([
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "10",
    "20",
    "50",
    "100",
  ]);
});

it("E6: nothing beyond the bounds is offered", () => {
  const { lists } = render({ bounds: { sessionMaxPerUser: { min: 2, max: 5 } } });
  expect(lists.sessionMaxPerUser?.map(({ value }) => value)).toEqual(["", "0", "2", "3", "5"]);
});

it("E6: says when they begin to hold, and what is wrong with a field", () => {
  const { html } = render({ faults: { sessionMaxPerUser: "Choose a number." } });
  expect(html).toContain("These hold from the next sign-in on.");
  expect(html).toMatch(
    /<select[^>]*aria-invalid="true"[^>]*name="sessionMaxPerUser"|name="sessionMaxPerUser"[^>]*aria-invalid="true"/,
  );
  expect(html).toContain("Choose a number.");
});
