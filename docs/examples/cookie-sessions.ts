import { createCookieStorage } from "../../app/lib/adapters/cookie-session-storage";

const preferences = createCookieStorage({
  name: "__preferences",
  secrets: ["a secret of at least 32 characters, from the environment"],
  encryptionSecrets: ["another one, which nobody needs who only signs"],
  secure: "auto",
});

/** What a Remix loader or action does with a request. */
async function remember(request: Request): Promise<Response> {
  const session = await preferences.getUserSession(request);
  session.set("visits", (session.get("visits") ?? 0) + 1);
  return Response.json(
    { visits: session.get("visits") },
    { headers: { "Set-Cookie": await preferences.commitSession(session) } },
  );
}

const first = await remember(new Request("http://localhost:3000/"));
const cookie = first.headers.get("Set-Cookie")?.split(";")[0] ?? "";
const second = await remember(new Request("http://localhost:3000/", { headers: { cookie } }));
process.stdout.write(`${JSON.stringify(await second.json())}\n`);
