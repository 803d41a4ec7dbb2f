import { createSessionStorage } from "@remix-run/node";
import { createAppSessionStorage } from "../../app/lib/adapters/remix-session-storage";
import { wiring } from "../../app/lib/wiring.server";

const { sessions, clients } = wiring();
await wiring().start();
const winery = await clients.install({ tenantId: "old-oak", installSettings: {}, contactEmail: null });

export const { getSession, commitSession, destroySession } = createAppSessionStorage(createSessionStorage, {
  sessions,
  whose: ({ userId }) =>
    typeof userId === "string"
      ? { clientId: winery.id, user: { id: userId, name: userId, email: null, role: null } }
      : undefined,
  cookie: {
    name: "__session",
    secrets: ["a secret of at least 32 characters, from the environment"],
    secure: true,
    httpOnly: true,
    sameSite: "lax",
    path: "/",
  },
});

const session = await getSession();
session.set("userId", "jason");
session.set("theme", "dark");
const cookie = (await commitSession(session)).split(";")[0];

const slow = await getSession(cookie);
await destroySession(await getSession(cookie));
slow.set("theme", "light");
await commitSession(slow);
const { data } = await getSession(cookie);
process.stdout.write(`${JSON.stringify({ cookieOpens: data })}\n`);
await wiring().stop();
