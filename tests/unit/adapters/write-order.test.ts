import { expect, it } from "vitest";
import { WriteOrder } from "../../../app/lib/adapters/write-order";
import { held } from "../sessions/support";

/** An order, and writes that end when they are told to. */
function anOrder() {
  const order = new WriteOrder();
  const begun: string[] = [];
  const write = (name: string, sid?: string) => {
    const gate = held<void>();
    const work = () => {
      begun.push(name);
      return gate.promise;
    };
    const writing = sid === undefined ? order.writeAll(work) : order.write(sid, work);
    return { writing: writing.catch(() => "failed"), ...gate };
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { order, begun, write, settle };
}

it("a write waits for the one before it to the same session, whatever becomes of that, and for no other's", async () => {
  const { begun, write, settle } = anOrder();
  const first = write("first", "a");
  write("second", "a");
  write("another's", "b");
  await settle();
  expect(begun).toEqual(["first", "another's"]);
  first.reject(new Error("away"));
  await settle();
  expect([begun, await first.writing]).toEqual([["first", "another's", "second"], "failed"]);
});

it("what is done to all waits for every write before it, and every write after waits for it", async () => {
  const { begun, write, settle } = anOrder();
  const first = write("first", "a");
  const all = write("all");
  write("after", "b");
  await settle();
  expect(begun).toEqual(["first"]);
  first.resolve();
  await settle();
  expect(begun).toEqual(["first", "all"]);
  all.reject(new Error("away"));
  await settle();
  expect(begun).toEqual(["first", "all", "after"]);
});

it("whoever reads waits for the writes asked for before", async () => {
  const { order, write, settle } = anOrder();
  const seen: string[] = [];
  const first = write("first", "a");
  void order.written("a").then(() => seen.push("a"));
  void order.written("b").then(() => seen.push("b"));
  void order.allWritten().then(() => seen.push("all"));
  await settle();
  expect(seen).toEqual(["b"]);
  first.resolve();
  await settle();
  expect(seen.sort()).toEqual(["a", "all", "b"]);
});
