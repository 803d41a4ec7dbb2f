import { describe, expect, it } from "vitest";
import { readJsonBody } from "../../../app/lib/commerce7/webhook";
import { webhook } from "../../support/commerce7";

const LIMIT = 64 * 1024;

/** JSON of exactly this many bytes, in the given letters. */
function jsonOf(bytes: number, letter = "x") {
  const room = bytes - Buffer.byteLength('{"a":""}');
  return `{"a":"${letter.repeat(room / Buffer.byteLength(letter))}"}`;
}

/** A body that comes in pieces, without a Content-Length. */
function streamed(text: string, headers: Record<string, string> = {}): Request {
  const bytes = Buffer.from(text);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + 10_000));
      at += 10_000;
    },
  });
  return new Request("http://localhost/install", {
    method: "POST",
    body,
    duplex: "half",
    headers: { "content-type": "application/json", ...headers },
  } as RequestInit);
}

describe("Content-Type", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;x=y",
    "application/vnd.c7+json",
  ])("%s is JSON", async (type) => {
    expect(await readJsonBody(webhook("/install", { a: 1 }, { "content-type": type }))).toEqual({ a: 1 });
  });

  it.each([
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/xml; a=application/json",
    "json",
  ])("415: %s is not", async (type) => {
    const body = readJsonBody(webhook("/install", { a: 1 }, { "content-type": type }));
    await expect(body).rejects.toMatchObject({
      status: 415,
      message: "the body must be sent as application/json",
    });
  });

  it("415: neither is a body that does not say", async () => {
    const request = webhook("/install", new TextEncoder().encode("{}"), { "content-type": null });
    await expect(readJsonBody(request)).rejects.toMatchObject({ status: 415 });
  });
});

describe("size", () => {
  it("64 KiB to the byte are read", async () => {
    const length = { "content-length": String(LIMIT) };
    expect(await readJsonBody(webhook("/install", jsonOf(LIMIT), length))).toBeTypeOf("object");
    expect(await readJsonBody(streamed(jsonOf(LIMIT)))).toBeTypeOf("object");
  });

  it("413: one byte more is not, with a Content-Length or without", async () => {
    const refusal = { status: 413, message: "the body is larger than 65536 bytes" };
    const length = { "content-length": String(LIMIT + 1) };
    await expect(readJsonBody(webhook("/install", jsonOf(LIMIT + 1), length))).rejects.toMatchObject(refusal);
    await expect(readJsonBody(streamed(jsonOf(LIMIT + 1)))).rejects.toMatchObject(refusal);
  });

  it("413: bytes count, not characters", async () => {
    expect(await readJsonBody(streamed(jsonOf(LIMIT, "é")))).toBeTypeOf("object");
    await expect(readJsonBody(streamed(jsonOf(LIMIT + 2, "é")))).rejects.toMatchObject({ status: 413 });
  });

  it("413: a Content-Length that says less than what comes helps nobody", async () => {
    const lying = streamed(jsonOf(LIMIT + 1), { "content-length": "10" });
    await expect(readJsonBody(lying)).rejects.toMatchObject({ status: 413 });
  });

  it("413: what is announced too large is not even read", async () => {
    const request = streamed("{}", { "content-length": "1000000" });
    await expect(readJsonBody(request)).rejects.toMatchObject({ status: 413 });
    expect(request.bodyUsed).toBe(false);
  });

  it("413: a body that is given up is not cancelled, and with it the connection that the answer needs", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
      cancel: () => {
        cancelled = true;
      },
    });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", body: endless, duplex: "half", headers } as RequestInit;
    const body = readJsonBody(new Request("http://localhost/install", init));
    await expect(body).rejects.toMatchObject({ status: 413 });
    expect(cancelled).toBe(false);
  });

  it("a character on the edge of two pieces is read whole", async () => {
    const text = `${"x".repeat(9_993)}é${"x".repeat(10)}`;
    expect(await readJsonBody(streamed(`{"a":"${text}"}`))).toEqual({ a: text });
  });
});

describe("content", () => {
  it.each([
    ["nothing", ""],
    ["half of it", '{"tenantId":'],
    ["a form", "tenantId=spectrawinery"],
    ["single quotes", "{'a':1}"],
    ["two values", "{}{}"],
    ["NaN", '{"a":NaN}'],
    ["thirty thousand levels", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ])("400: %s is not JSON that we read", async (_what, text) => {
    await expect(readJsonBody(webhook("/install", text))).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    ["a NUL character in a value", '{"a":"x\\u0000"}'],
    ["a NUL character in a key", '{"a\\u0000":1}'],
    ["a NUL character deep inside", '{"a":[{"b":["\\u0000"]}]}'],
    ["the first half of a surrogate pair", '{"a":"\\ud83c"}'],
    ["the second half alone", '{"a":"\\udf77"}'],
    ["the halves the wrong way round", '{"a":"\\udf77\\ud83c"}'],
    ["half a pair in a key", '{"\\ud83c":1}'],
  ])("400: %s cannot be stored, and the answer says so", async (_what, text) => {
    await expect(readJsonBody(webhook("/install", text))).rejects.toMatchObject({
      status: 400,
      message: "the body holds a NUL character or half a surrogate pair",
    });
  });

  it("a whole surrogate pair is a letter like any other", async () => {
    expect(await readJsonBody(webhook("/install", '{"a":"\\ud83c\\udf77 é"}'))).toEqual({ a: "🍷 é" });
  });

  it("`__proto__` is a key like any other", async () => {
    const body = await readJsonBody(webhook("/install", '{"__proto__":{"admin":true}}'));
    expect(Object.keys(body as object)).toEqual(["__proto__"]);
    expect((body as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("charset", () => {
  const sent = (bytes: Uint8Array, type = "application/json") =>
    readJsonBody(
      new Request("http://localhost/install", {
        method: "POST",
        body: bytes as BodyInit,
        headers: { "content-type": type },
      }),
    );
  const wine = '{"name":"Château Añejo"}';
  const latin1 = Buffer.from(wine, "latin1");
  const utf16 = Buffer.from(`\ufeff${wine}`, "utf16le");

  it.each<[what: string, bytes: Uint8Array, type?: string]>([
    ["UTF-8", Buffer.from(wine)],
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${wine}`)],
    ["UTF-8 that says so, in quotes", Buffer.from(wine), 'application/json; a=b; Charset="UTF-8"'],
    ["ISO-8859-1 that says so", latin1, "application/json; charset=ISO-8859-1"],
    ["windows-1252 that says so", latin1, "application/json;charset=windows-1252"],
    ["UTF-16 that says so", utf16, "application/json; charset=utf-16le"],
  ])("%s is read as it was written", async (_what, bytes, type) => {
    expect(await sent(bytes, type)).toEqual({ name: "Château Añejo" });
  });

  it("415: one that is not known, rather than garbled", async () => {
    const refusal = sent(Buffer.from(wine), "application/json; charset=klingon");
    await expect(refusal).rejects.toMatchObject({
      status: 415,
      message: expect.stringContaining("send UTF-8"),
    });
  });

  it.each<[what: string, bytes: Uint8Array, type?: string]>([
    ["ISO-8859-1 that does not say so", latin1],
    ["half a character", Buffer.from(wine).subarray(0, 12)],
    ["an overlong sequence", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["a surrogate", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])("400: what is not valid, rather than garbled: %s", async (_what, bytes, type) => {
    await expect(sent(bytes, type)).rejects.toMatchObject({
      status: 400,
      message: "the body is not valid utf-8",
    });
  });
});
