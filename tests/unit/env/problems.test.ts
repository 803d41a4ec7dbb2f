import { expect, it } from "vitest";
import { envOf, PRODUCTION } from "./support";

const problemsOf = (variables: Record<string, string | undefined>) =>
  envOf({ ...PRODUCTION, ...variables }).problems;
const harmless = (text: string) => [{ problem: expect.stringContaining(text), preventsSignIn: false }];

it("a whole production environment has no problem", () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "libero@example.com" })).toEqual([]);
});

it.each(["http://localhost:3000", "https://app.localhost"])(
  "APP_URL=%s in production leads nowhere but to this machine",
  (appUrl) => {
    expect(problemsOf({ APP_URL: appUrl })).toEqual(harmless(`APP_URL is ${appUrl} in production`));
  },
);

it("operators without a mail server cannot sign in", () => {
  expect(problemsOf({ OPERATOR_EMAILS: "operator@example.com" })).toEqual(
    harmless("OPERATOR_EMAILS is set without SMTP_URL: operators get no sign-in link; set SMTP_URL"),
  );
});

it.each([undefined, "libero@localhost", "Winery <libero@LOCALHOST>"])(
  "mail from MAIL_FROM=%s is taken by few servers",
  (from) => {
    expect(problemsOf({ SMTP_URL: "smtp://mail.example.com", MAIL_FROM: from })).toEqual(
      harmless(`MAIL_FROM is ${from ?? "Libero <libero@localhost>"}`),
    );
  },
);

it("one secret for several purposes, in a list too; several secrets for one purpose are none", () => {
  const secret = "b5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f";
  const other = "c5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f";
  expect(
    problemsOf({
      SESSION_SECRET: `${other},${secret}`,
      TOKEN_ENCRYPTION_KEYS: secret,
      METRICS_TOKEN: secret,
    }),
  ).toEqual(
    harmless(
      "SESSION_SECRET and TOKEN_ENCRYPTION_KEYS and METRICS_TOKEN hold the same secret: give each one of its own",
    ),
  );
  expect(problemsOf({ SESSION_SECRET: `${other},${secret}` })).toEqual([]);
});

it("in development, where mail goes to the sandbox, nothing of this is one", () => {
  expect(envOf({ OPERATOR_EMAILS: "operator@example.com" }).problems).toEqual([]);
  expect(envOf({ SMTP_URL: "smtp://127.0.0.1:2525" }).problems).toEqual([]);
});

it("no problem says a secret", () => {
  const problems = problemsOf({
    APP_URL: "http://localhost:3000",
    SESION_SECRET: "a-secret-under-a-wrong-name",
    SMTP_URL: "smtp://winery:s3cret@mail.example.com",
    SESSION_COOKIE_SAME_SITE: "lax",
  });
  expect(problems).toHaveLength(4);
  expect(JSON.stringify(problems)).not.toMatch(/a-secret|s3cret/);
});
