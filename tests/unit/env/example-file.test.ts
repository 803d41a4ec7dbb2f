import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { expect, it } from "vitest";
import { envOf, faultLines, knownVariables } from "./support";

const text = readFileSync(new URL("../../../.env.example", import.meta.url), "utf8");
const example = parseEnv(text) as Record<string, string>;

it(".env.example is valid as it stands, and says what the defaults are", () => {
  const { sessionSecrets, commerce7, ...rest } = envOf(example);
  const { sessionSecrets: _, commerce7: defaults, ...defaultRest } = envOf();
  expect(rest).toEqual(defaultRest);
  expect(commerce7).toEqual({ ...defaults, password: example.COMMERCE7_INSTALL_PASSWORD });
});

it(".env.example names every variable there is, and no other", () => {
  const named = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  // npm's scripts set the mode.
  const known = knownVariables().filter((name) => name !== "NODE_ENV");
  expect([...new Set(named)].sort()).toEqual(known.sort());
});

it("B3: production refuses what .env.example gives as examples", () => {
  const named = faultLines({ ...example, NODE_ENV: "production" }).map((line) => line.split(":")[0]);
  expect(named).toEqual(["SESSION_SECRET", "COMMERCE7_INSTALL_PASSWORD"]);
});
