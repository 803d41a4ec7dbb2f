import { describe, expect, it } from "vitest";
import type { SessionData } from "../../../app/lib/sessions/data";
import { openData } from "../../../app/lib/sessions/data";

const stored = (): SessionData =>
  openData({
    data: { theme: "dark", cart: [1, { sku: "merlot" }], none: null, no: false, zero: 0, text: "" },
  });

describe("reading", () => {
  it("every value is read as it was kept", () => {
    const data = stored();
    expect(data.get("theme")).toBe("dark");
    expect(data.get("cart")).toEqual([1, { sku: "merlot" }]);
    expect(data.get("unknown")).toBeUndefined();
    expect(data.has("unknown")).toBe(false);
  });

  it.each([
    ["none", null],
    ["no", false],
    ["zero", 0],
    ["text", ""],
  ])("a value of nothing much is a value: %s", (key, value) => {
    expect(stored().get(key)).toBe(value);
    expect(stored().has(key)).toBe(true);
  });

  it("reading changes nothing, so that nothing is saved", () => {
    const data = stored();
    data.get("theme");
    data.has("unknown");
    expect(data.change()).toBeUndefined();
  });
});

describe("changing", () => {
  it("E2: what changed is named, and no other key", () => {
    const data = stored();
    data.set("theme", "light");
    data.set("seen", [1]);
    data.unset("cart");
    expect(data.change()).toEqual({ set: { theme: "light", seen: [1] }, unset: ["cart"], overwrite: [] });
  });

  it("the handler reads what it wrote", () => {
    const data = stored();
    data.set("theme", "light");
    data.unset("cart");
    expect([data.get("theme"), data.has("theme")]).toEqual(["light", true]);
    expect([data.get("cart"), data.has("cart")]).toEqual([undefined, false]);
  });

  it("what the session was read with stays as it is", () => {
    const session = { data: { theme: "dark" } };
    const data = openData(session);
    data.set("theme", "light");
    data.unset("theme");
    expect(session).toEqual({ data: { theme: "dark" } });
  });

  it("the last change of a key is the one that counts, whatever came before", () => {
    const data = stored();
    data.set("a", 1);
    data.unset("a");
    data.unset("theme");
    data.set("theme", "light");
    expect(data.change()).toEqual({ set: { theme: "light" }, unset: ["a"], overwrite: [] });
  });

  it("null is a value to set, not a key to take away", () => {
    const data = stored();
    data.set("theme", null);
    expect(data.change()).toEqual({ set: { theme: null }, unset: [], overwrite: [] });
    expect([data.get("theme"), data.has("theme")]).toEqual([null, true]);
  });

  it("E2: a conflict is the rule, and overwriting is asked for key by key", () => {
    const data = stored();
    data.set("theme", "light", { overwrite: true });
    data.unset("cart", { overwrite: true });
    data.set("seen", 1);
    data.unset("none", { overwrite: false });
    expect(data.change()?.overwrite).toEqual(["theme", "cart"]);
  });
});

describe("flashing", () => {
  it("keeps a value for the next request, which reads it once", () => {
    const first = openData({ data: {} });
    first.flash("message", "Saved");
    const second = openData({ data: first.change()?.set ?? {} });
    expect(second.has("message")).toBe(true);
    expect(second.get("message")).toBe("Saved");
    expect(second.get("message")).toBeUndefined();
    expect(second.has("message")).toBe(false);
    expect(second.change()).toEqual({
      set: {},
      unset: ["__flash_message__"],
      overwrite: ["__flash_message__"],
    });
  });

  it("asking whether there is one does not use it up", () => {
    const data = openData({ data: { __flash_message__: "Saved" } });
    expect(data.has("message")).toBe(true);
    expect(data.change()).toBeUndefined();
  });

  it("E2: two requests that read it at once are no conflict", () => {
    const data = openData({ data: {} });
    data.flash("message", "Saved");
    expect(data.change()).toEqual({
      set: { __flash_message__: "Saved" },
      unset: [],
      overwrite: ["__flash_message__"],
    });
  });

  it("stands before a value of the same key, and leaves it as it was", () => {
    const data = openData({ data: { message: "kept", __flash_message__: null } });
    expect(data.get("message")).toBeNull();
    expect(data.get("message")).toBe("kept");
    expect(data.change()?.set).toEqual({});
  });

  it("what is flashed and read in one request is kept for none", () => {
    const data = openData({ data: {} });
    data.flash("message", "Saved");
    expect(data.get("message")).toBe("Saved");
    expect(data.change()?.set).toEqual({});
  });
});

describe("keys that mean something to JavaScript", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s is not there unless it is kept",
    (key) => {
      const data = openData({ data: {} });
      expect(data.get(key)).toBeUndefined();
      expect(data.has(key)).toBe(false);
    },
  );

  it.each(["__proto__", "constructor"])("%s is a key like any other, and harmless", (key) => {
    const data = openData({ data: JSON.parse(`{"${key}":{"admin":true}}`) });
    expect(data.get(key)).toEqual({ admin: true });
    data.set(key, { admin: false });
    const change = data.change();
    expect(Object.keys(change?.set ?? {})).toEqual([key]);
    expect(Object.getPrototypeOf(change?.set)).toBe(Object.prototype);
    expect(change?.set && JSON.stringify(change.set)).toBe(`{"${key}":{"admin":false}}`);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
