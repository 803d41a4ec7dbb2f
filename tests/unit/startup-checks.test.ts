import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { checkCommerce7, checkMail } from "../../app/lib/startup-checks.server";
import { type Wiring, wire } from "../../app/lib/wiring.server";
import { startSandbox } from "../../sandbox/server";
import { freePort } from "../support/free-port";
import { startSmtp } from "../support/smtp";
import { envOf } from "./env/support";

let app: Wiring | undefined;
afterEach(() => app?.stop());

function wiredWith(variables: Record<string, string>) {
  app = wire(envOf({ LOG_LEVEL: "silent", ...variables }));
  return app;
}

describe("Commerce7", () => {
  it("is where COMMERCE7_API_URL says, or the check names the address and the fix", async () => {
    const sandbox = await startSandbox({
      appUrl: "http://127.0.0.1:9",
      username: "libero",
      password: "secret",
    });
    onTestFinished(() => sandbox.close());
    const right = `${sandbox.url}/v1`;
    expect(await checkCommerce7(wiredWith({ COMMERCE7_API_URL: right }))).toEqual({
      status: "ok",
      found: `${right} answers as Commerce7 does; the webhooks' credentials only an install can try`,
      mend: null,
    });
    const wrong = `http://127.0.0.1:${await freePort()}/v1`;
    expect(await checkCommerce7(wiredWith({ COMMERCE7_API_URL: wrong }))).toMatchObject({
      status: "fail",
      found: expect.stringMatching(new RegExp(`^${wrong}: .*ECONNREFUSED`)),
      mend: expect.stringContaining("COMMERCE7_API_URL"),
    });
  });
});

describe("mail", () => {
  it("none is sent where no server is named, and that is said", async () => {
    expect(await checkMail(wiredWith({}))).toEqual({
      status: "ok",
      found: "none (SMTP_URL is not set): no sign-in links are sent",
      mend: null,
    });
  });

  it("a server that would take a mail is named, and gets none", async () => {
    const smtp = await startSmtp();
    onTestFinished(() => smtp.close());
    const verdict = await checkMail(wiredWith({ SMTP_URL: smtp.url, MAIL_FROM: "libero@example.com" }));
    const found = `${new URL(smtp.url).host} takes mail from libero@example.com`;
    expect(verdict).toEqual({ status: "ok", found, mend: null });
    expect(smtp.mails).toEqual([]);
  });

  it("a server that does not is named with the fix", async () => {
    const SMTP_URL = `smtp://winery:s3cret@127.0.0.1:${await freePort()}`;
    const verdict = await checkMail(wiredWith({ SMTP_URL }));
    expect(verdict).toMatchObject({
      status: "fail",
      found: "the mail server 127.0.0.1 does not take the sign-in (ECONNREFUSED)",
      mend: expect.stringContaining("SMTP_URL"),
    });
    expect(JSON.stringify(verdict)).not.toContain("s3cret");
  });
});
