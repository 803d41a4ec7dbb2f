import { PGlite } from "@electric-sql/pglite";
import { createCookieSessionStorage } from "@remix-run/node";
import { createTransport } from "nodemailer";
import { Authenticator } from "remix-auth";
import { MagicLinkError, MagicLinkStrategy } from "../../app/lib/adapters/remix-auth-magic-link";
import { createLogger } from "../../app/lib/base/logger";
import { pgliteDatabase } from "../../app/lib/db/pglite";
import { createSignInLinks } from "../../app/lib/sign-in-links/links";
import { createMailboxHash } from "../../app/lib/sign-in-links/mailbox";
import { createSqlSignInLinkStore } from "../../app/lib/sign-in-links/sql-store";

const { SESSION_SECRET = "a secret of at least 32 characters", SMTP_URL } = process.env;

const db = pgliteDatabase({
  openInstance: async () => ({ db: await PGlite.create(), unlock: async () => {} }),
  migrationsFolder: "supabase/migrations",
  logger: createLogger("silent"),
});
await db.migrate();

const sessionStorage = createCookieSessionStorage({
  cookie: { name: "__session", sameSite: "lax", path: "/", httpOnly: true, secrets: [SESSION_SECRET] },
});

// The mail itself goes nowhere in this example, unless SMTP_URL says where.
const transport = SMTP_URL ? createTransport(SMTP_URL) : createTransport({ jsonTransport: true });
let newest = "";

const authenticator = new Authenticator<{ email: string }>().use(
  new MagicLinkStrategy(
    {
      links: createSignInLinks({
        store: createSqlSignInLinkStore(db),
        hashMailbox: createMailboxHash(SESSION_SECRET),
        clock: Date.now,
      }),
      sessionStorage,
      callbackURL: "http://localhost:3000/magic",
      pendingPath: "/login?sent",
      sendEmail: async ({ emailAddress, magicLink }) => {
        newest = magicLink;
        await transport.sendMail({
          from: "app@example.com",
          to: emailAddress,
          subject: "Sign in",
          text: magicLink,
        });
      },
    },
    async ({ email }) => ({ email }),
  ),
);

/** The action of /login and the loader of /magic: what is thrown as a Response is the answer. */
async function answer(request: Request): Promise<Response> {
  try {
    return Response.json(await authenticator.authenticate("magic-link", request));
  } catch (thrown) {
    if (thrown instanceof Response) return thrown;
    if (thrown instanceof MagicLinkError) return Response.json({ fault: thrown.fault }, { status: 410 });
    throw thrown;
  }
}

const body = new URLSearchParams({ email: "Jason@example.com" });
const asked = await answer(new Request("http://localhost:3000/login", { method: "POST", body }));
const cookie = asked.headers.get("Set-Cookie")?.split(";")[0] ?? "";
process.stdout.write(`${asked.status} ${asked.headers.get("Location")}\n`);

for (const sent of ["", cookie, cookie]) {
  const opened = await answer(new Request(newest, { headers: { cookie: sent } }));
  process.stdout.write(`${opened.status} ${await opened.text()}\n`);
}
// 302 /login?sent
// 410 {"fault":"foreign"}             in another browser
// 200 {"email":"jason@example.com"}   where it was asked for
// 410 {"fault":"used"}                once more
await db.close();
