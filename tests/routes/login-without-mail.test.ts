import { expect, it } from "vitest";
import { wire, wiring } from "~/lib/wiring.server";
import { loader as landing } from "~/routes/_index";
import { action, loader } from "~/routes/login";
import { call, get, openAppWithoutDatabase, post } from "../support/routes";

openAppWithoutDatabase();

it("B7: without a mail server there is no form, no link to it, and nothing to send", async () => {
  expect((await call(landing, get("/"))).body).toMatchObject({ offersLinks: false });
  expect((await call(loader, get("/login"))).body).toEqual({ shows: "no-mail" });
  expect(await call(action, post("/login", undefined, { email: "jason@example.com" }))).toRedirectTo(
    "/login",
  );
});

it("D5: a stop waits for what answers did not wait for", async () => {
  const done: string[] = [];
  let answered = () => {};
  const whenAnswered = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const { afterwards, stop } = wire(wiring().env);
  afterwards.run("a test", () => whenAnswered.then(() => void done.push("work")));
  const stopped = stop().then(() => done.push("stopped"));
  await new Promise(setImmediate);
  answered();
  await stopped;
  expect(done).toEqual(["work", "stopped"]);
});
