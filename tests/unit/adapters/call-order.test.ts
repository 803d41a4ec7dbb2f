import { expect, it } from "vitest";
import { CallOrder } from "../../../app/lib/adapters/call-order";
import { held } from "../sessions/support";

/** An order, and calls that end when the test says so. */
function anOrder() {
  const order = new CallOrder();
  const begun: string[] = [];
  const call = (method: "read" | "write" | "readAll" | "writeAll", name: string, sid = "") => {
    const gate = held<void>();
    const work = () => {
      begun.push(name);
      return gate.promise;
    };
    const calling = method === "read" || method === "write" ? order[method](sid, work) : order[method](work);
    return { calling: calling.catch(() => "failed"), ...gate };
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { begun, call, settle };
}

it("a write waits for the one before it to the same session, whatever becomes of that, and for no other's", async () => {
  const { begun, call, settle } = anOrder();
  const first = call("write", "first", "a");
  call("write", "second", "a");
  call("write", "another's", "b");
  await settle();
  expect(begun).toEqual(["first", "another's"]);
  first.reject(new Error("away"));
  await settle();
  expect([begun, await first.calling]).toEqual([["first", "another's", "second"], "failed"]);
});

it("a read waits for the writes before it, and reads do not wait for each other", async () => {
  const { begun, call, settle } = anOrder();
  call("read", "early", "a");
  call("read", "early, too", "a");
  await settle();
  expect(begun).toEqual(["early", "early, too"]);
  const write = call("write", "write", "b");
  call("read", "after", "b");
  call("read", "after, too", "b");
  call("readAll", "all");
  await settle();
  expect(begun.slice(2)).toEqual(["write"]);
  write.resolve();
  await settle();
  expect(begun.slice(3).sort()).toEqual(["after", "after, too", "all"]);
});

it("a write waits for all reads before it, of its session and of all, and for no other's", async () => {
  const { begun, call, settle } = anOrder();
  const reads = [call("read", "one", "a"), call("read", "two", "a"), call("readAll", "all")];
  call("read", "another's", "b");
  call("write", "write", "a");
  for (const read of reads) {
    await settle();
    expect(begun).not.toContain("write");
    read.reject(new Error("away"));
  }
  await settle();
  expect(begun.at(-1)).toBe("write");
});

it("what is done to all waits for every call before it, and every call after waits for it", async () => {
  const { begun, call, settle } = anOrder();
  const before = [call("write", "write", "a"), call("read", "read", "b"), call("readAll", "read all")];
  const all = call("writeAll", "all");
  call("read", "read after", "d");
  const readAll = call("readAll", "read all after");
  call("write", "write after", "c");
  for (const one of before) {
    await settle();
    expect(begun).not.toContain("all");
    one.resolve();
  }
  await settle();
  expect(begun.slice(3)).toEqual(["all"]);
  all.reject(new Error("away"));
  await settle();
  expect(begun.slice(4)).toEqual(["read after", "read all after"]);
  readAll.resolve();
  await settle();
  expect(begun.slice(6)).toEqual(["write after"]);
});
