import { messageOf } from "./base/errors";
import { probeAccountApi } from "./commerce7/account";
import { fail, ok, type Verdict } from "./doctor-judgements.server";
import { type Wiring, wiring } from "./wiring.server";

/** What may keep users from signing in although the app runs, for the log of a start and for `doctor`. */

/** Whether COMMERCE7_API_URL leads to Commerce7. No secret is sent, so that the app's credentials there stay untried. */
export async function checkCommerce7({ env }: Wiring): Promise<Verdict> {
  const { apiUrl } = env.commerce7;
  const reason = await probeAccountApi(env.commerce7);
  if (reason === undefined) {
    return ok(`${apiUrl} answers as Commerce7 does; the webhooks' credentials only an install can try`);
  }
  return fail(
    `${apiUrl}: ${reason}`,
    "see that COMMERCE7_API_URL is right (https://api.commerce7.com/v1) and can be reached from this machine",
  );
}

/** Whether the mail server takes our sign-in. No mail is sent. */
export async function checkMail({ env, mailer }: Wiring): Promise<Verdict> {
  if (!mailer || !env.mail) return ok("none (SMTP_URL is not set): no sign-in links are sent");
  const { host } = new URL(env.mail.smtpUrl);
  try {
    await mailer.verify();
    return ok(`${host} takes mail from ${env.mail.from}`);
  } catch (error) {
    return fail(
      messageOf(error),
      "see that SMTP_URL has the right host, port, user name and password: smtp:// for port 587, smtps:// for 465",
    );
  }
}

/** Logs a warning for each problem. Never throws, and takes as long as the services do: a start does not wait for it. */
export async function logStartupProblems(): Promise<void> {
  const app = wiring();
  for (const { problem } of app.env.problems) app.logger.warn({ problem }, "configuration problem");
  const [commerce7, mail] = await Promise.all([checkCommerce7(app), checkMail(app)]);
  if (commerce7.status === "fail") {
    const { found: reason, mend: fix } = commerce7;
    app.logger.warn({ reason, fix }, "Commerce7 unusable, users cannot sign in");
  }
  if (mail.status === "fail") {
    const { found: reason, mend: fix } = mail;
    app.logger.warn({ reason, fix }, "mail server unusable, sign-in links cannot be sent");
  }
}
