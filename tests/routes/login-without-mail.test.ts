import { expect, it } from "vitest";
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
