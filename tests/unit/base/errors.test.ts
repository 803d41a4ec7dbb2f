import { expect, it } from "vitest";
import {
  ClientNotInstalledError,
  ConfigurationError,
  isOperational,
  isUnavailable,
  messageOf,
  UnavailableError,
} from "../../../app/lib/base/errors";

it.each([
  ["an error", new Error("it broke"), "it broke"],
  ["an error without words", new TypeError(), "TypeError"],
  ["what caused it", new Error("no answer", { cause: new Error("ECONNREFUSED") }), "no answer: ECONNREFUSED"],
  [
    "a cause that it names already",
    new Error("no answer: it broke", { cause: new Error("it broke") }),
    "no answer: it broke",
  ],
  ["a cause of a cause", new Error("a", { cause: new Error("b", { cause: new Error("c") }) }), "a: b: c"],
  ["a cause that is no error", new Error("a", { cause: "b" }), "a: b"],
  [
    "the first of several",
    new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")]),
    "::1 refused",
  ],
  ["several that are none", new AggregateError([], "all failed"), "all failed"],
  ["a text", "it broke", "it broke"],
  ["nothing", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 7, "7"],
  ["Emscripten's errors, which are none", { name: "ErrnoError", errno: 54 }, "ErrnoError 54"],
  ["an exit of a program", { name: "ExitStatus", message: "exited (1)", status: 1 }, "exited (1)"],
  ["any other object, and nothing of what is in it", { password: "hunter2" }, "an object"],
])("tells %s", (_what, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

it("our errors are told apart by their names", () => {
  expect(new UnavailableError("x")).toMatchObject({ name: "UnavailableError", message: "x" });
  expect(new ConfigurationError("x")).toMatchObject({ name: "ConfigurationError", message: "x" });
  expect(new ClientNotInstalledError("x")).toMatchObject({ name: "ClientNotInstalledError", message: "x" });
});

it.each([
  ["a fault of the settings", new ConfigurationError("x"), true],
  ["a part that does not answer", new UnavailableError("x"), true],
  [
    "the same from another copy of the code",
    Object.assign(new Error("x"), { name: "UnavailableError" }),
    true,
  ],
  ["a fault of our own", new TypeError("x"), false],
  ["a client that is not installed", new ClientNotInstalledError("x"), false],
  ["something that only looks like it", { name: "UnavailableError" }, false],
  ["nothing", undefined, false],
])("whether an operator can mend it: %s", (_what, thrown, mendable) => {
  expect(isOperational(thrown)).toBe(mendable);
});

it.each([
  ["a part that does not answer", new UnavailableError("x"), true],
  [
    "the same from another copy of the code",
    Object.assign(new Error("x"), { name: "UnavailableError" }),
    true,
  ],
  ["a fault of the settings", new ConfigurationError("x"), false],
  ["a fault of our own", new TypeError("x"), false],
  ["something that only looks like it", { name: "UnavailableError" }, false],
])("whether one can do without it for now: %s", (_what, thrown, passing) => {
  expect(isUnavailable(thrown)).toBe(passing);
});
