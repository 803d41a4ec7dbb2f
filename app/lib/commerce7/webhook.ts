import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { JsonObject } from "../base/json";
import { isStorable } from "../base/text";
import { displayName } from "./person";
import { tenantIdSchema } from "./tenant";

/** Why a webhook is not accepted: an HTTP status, and what to tell its sender. */
export class WebhookRefusal extends Error {
  override name = "WebhookRefusal";
  constructor(
    readonly status: 400 | 401 | 413 | 415 | 429,
    message: string,
    /** When it may be sent again, where only its number is wrong. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

export type WebhookCredentials = { username: string; password: string };

const MOST_BODY_BYTES = 64 * 1024;

/**
 * Checks a webhook's Basic credentials (RFC 7617) in constant time. Every fault has one and the same answer, so that
 * nobody learns which half was right.
 * @throws WebhookRefusal 401
 */
export function requireCredentials(request: Request, expected: WebhookCredentials): void {
  const [, encoded = ""] = /^basic +([a-z0-9+/=]+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const presented = Buffer.from(encoded, "base64");
  const wanted = Buffer.from(`${expected.username}:${expected.password}`);
  // Digests have one length, whatever was sent: comparing them tells nothing of the secret's.
  if (!timingSafeEqual(sha256(presented), sha256(wanted))) {
    throw new WebhookRefusal(401, "the webhook's user name and password do not match");
  }
}

const sha256 = (value: Buffer) => createHash("sha256").update(value).digest();

/**
 * Reads a webhook's JSON body, up to 64 KiB, in the charset that it names; UTF-8 where it names none, with or without a byte
 * order mark (RFC 8259, 8.1).
 * @throws WebhookRefusal 400, 413 or 415 that names the fault
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const contentType = request.headers.get("content-type") ?? "";
  const [type = ""] = contentType.split(";", 1);
  if (!/^application\/(.+\+)?json$/i.test(type.trim())) {
    throw new WebhookRefusal(415, "the body must be sent as application/json");
  }
  const decoder = decoderOf(contentType);
  const body = decode(decoder, await readUpTo(request, MOST_BODY_BYTES));
  try {
    return JSON.parse(body, refuseUnstorable);
  } catch (error) {
    if (error instanceof WebhookRefusal) throw error;
    throw new WebhookRefusal(400, "the body is not valid JSON");
  }
}

/** Node knows the encodings of https://encoding.spec.whatwg.org, and takes a byte order mark off. */
function decoderOf(contentType: string): TextDecoder {
  const charset = /;[ \t]*charset=[ \t]*"?([^";\s]+)/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw new WebhookRefusal(415, "the body's charset is not known: send UTF-8");
  }
}

function decode(decoder: TextDecoder, bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new WebhookRefusal(400, `the body is not valid ${decoder.encoding}`);
  }
}

/** JSON can say what PostgreSQL's text cannot hold: NUL and half surrogate pairs. */
function refuseUnstorable(key: string, value: unknown): unknown {
  if (!isStorable(key) || (typeof value === "string" && !isStorable(value))) {
    throw new WebhookRefusal(400, "the body holds a NUL character or half a surrogate pair");
  }
  return value;
}

async function readUpTo(request: Request, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const tooLarge = () => new WebhookRefusal(413, `the body is larger than ${mostBytes} bytes`);
  if (Number(request.headers.get("content-length")) > mostBytes) throw tooLarge();
  // Not `for await`: given up, it would cancel the body, and with it the connection that the refusal is sent over.
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    bytes += read.value.byteLength;
    if (bytes > mostBytes) throw tooLarge();
    chunks.push(read.value);
  }
  return Buffer.concat(chunks);
}

const MAX_NAME_CHARACTERS = 200;
const MAX_EMAIL_CHARACTERS = 254;
const MAX_ID_CHARACTERS = 200;

const installSchema = z.looseObject({ tenantId: tenantIdSchema });
const uninstallSchema = z.object({ tenantId: tenantIdSchema });

export type InstallRequest = {
  tenantId: string;
  /** Who pressed Install; undefined where the body names no one. */
  user: { id: string; name: string; email: string | null } | undefined;
  /** The app's own client settings: every other key of the body. */
  settings: JsonObject;
  /** Optional fields that could not be used, by name: an install does not fail for them. */
  unusable: string[];
};

/** @throws WebhookRefusal 400 that names the fault */
export function parseInstall(body: unknown): InstallRequest {
  const { tenantId, user, firstName, lastName, email, ...settings } = parse(installSchema, body);
  const unusable: string[] = [];
  const flat = { firstName, lastName, email };
  const named = isObject(user) ? user : flat;
  if (user !== undefined && user !== null && !isObject(user)) unusable.push("user");
  return {
    tenantId,
    user: toUser(readPerson(named, (field) => unusable.push(named === user ? `user.${field}` : field))),
    settings: settings as JsonObject,
    unusable,
  };
}

type Person = Partial<Record<"id" | "firstName" | "lastName" | "email", string>>;

/** What can be used of a person; the rest is reported. A name that is too long is cut: it is only shown. */
function readPerson(given: Record<string, unknown>, report: (field: string) => void): Person {
  const read = (field: keyof Person, use: (value: unknown) => string | undefined) => {
    const value = given[field];
    if (value === undefined || value === null) return undefined;
    const usable = use(value);
    if (usable === undefined) report(field);
    return usable || undefined;
  };
  const name = (value: unknown) =>
    typeof value === "string" ? value.trim().slice(0, MAX_NAME_CHARACTERS).toWellFormed() : undefined;
  return {
    id: read("id", (value) => textUpTo(MAX_ID_CHARACTERS, typeof value === "number" ? String(value) : value)),
    firstName: read("firstName", name),
    lastName: read("lastName", name),
    email: read("email", (value) => textUpTo(MAX_EMAIL_CHARACTERS, value)),
  };
}

function textUpTo(maxCharacters: number, value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : undefined;
  return text !== undefined && text.length <= maxCharacters ? text : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws WebhookRefusal 400 that names the fault */
export function parseUninstall(body: unknown): { tenantId: string } {
  return parse(uninstallSchema, body);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    [path.join("."), message].filter(Boolean).join(": "),
  );
  throw new WebhookRefusal(400, faults.join("; "));
}

/** Some installs name the user flat and without an id: the e-mail address then stands for the person. */
function toUser({ id, ...person }: Person): InstallRequest["user"] {
  const userId = id ?? person.email;
  return userId ? { id: userId, name: displayName(person), email: person.email ?? null } : undefined;
}
