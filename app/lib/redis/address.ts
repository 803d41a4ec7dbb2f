/** Where Redis is, and how it is reached. */
export type RedisAddress = {
  kind: "single" | "sentinel" | "cluster";
  tls: boolean;
  nodes: { host: string; port: number }[];
  username?: string;
  password?: string;
  /** Number of the database; a cluster has only 0. */
  db: number;
  /** What the Sentinels call the master. */
  master?: string;
};

const FORM = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#@]+)(?:\/([^?#]*))?$/;
const DEFAULT_PORT = { single: 6_379, sentinel: 26_379, cluster: 6_379 };

/**
 * `redis://user:password@host:6379/0`; `redis+sentinel://…@host,host/master/0`; `redis+cluster://…@host,host`; each
 * with `rediss` for TLS. A password's special characters are percent-encoded.
 * @returns undefined for anything else
 */
export function parseRedisAddress(url: string): RedisAddress | undefined {
  const [, scheme, topology, credentials = "", hosts = "", path = ""] = FORM.exec(url) ?? [];
  if (!scheme) return undefined;
  const kind = (topology ?? "single") as RedisAddress["kind"];
  const nodes = hosts.split(",").map((host) => parseNode(host, DEFAULT_PORT[kind]));
  const [database = "", ...rest] = kind === "sentinel" ? path.split("/").slice(1) : path.split("/");
  const master = kind === "sentinel" ? path.split("/")[0] : undefined;
  const login = parseCredentials(credentials);
  const wellFormed =
    nodes.every((node) => node !== undefined) &&
    login !== undefined &&
    rest.length === 0 &&
    /^\d{0,4}$/.test(database) &&
    (kind === "single" ? nodes.length === 1 : true) &&
    (kind === "cluster" ? Number(database) === 0 : true) &&
    master !== "";
  if (!wellFormed) return undefined;
  return {
    kind,
    tls: scheme === "rediss",
    nodes: nodes as RedisAddress["nodes"],
    ...login,
    db: Number(database),
    master,
  };
}

/** `host`, `host:port` or `[IPv6]:port`. */
function parseNode(text: string, defaultPort: number) {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const [host, port] = [bracketed ?? plain, Number(digits ?? defaultPort)];
  return host && port > 0 && port < 65_536 ? { host, port } : undefined;
}

function parseCredentials(text: string): { username?: string; password?: string } | undefined {
  if (text === "") return {};
  const colon = text.indexOf(":");
  try {
    const decoded = (part: string) => decodeURIComponent(part) || undefined;
    // Without a colon it is a user name, as in any address; some print the password alone, behind a colon.
    if (colon < 0) return { username: decoded(text) };
    return { username: decoded(text.slice(0, colon)), password: decoded(text.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}
