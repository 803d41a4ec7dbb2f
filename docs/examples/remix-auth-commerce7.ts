import { Authenticator } from "remix-auth";
import {
  Commerce7RefusedError,
  Commerce7Strategy,
  Commerce7UnreachableError,
} from "../../app/lib/adapters/remix-auth-commerce7";
import { startSandbox } from "../../sandbox/server";

type AuthUser = { id: string; name: string; tenantId: string; isOwner: boolean };

// Stands in for Commerce7, whose own address is https://api.commerce7.com/v1.
const sandbox = await startSandbox({
  appUrl: "http://localhost:3000",
  username: "libero",
  password: "secret",
});
const commerce7 = { apiUrl: `${sandbox.url}/v1`, timeoutMs: 8_000 };

const authenticator = new Authenticator<AuthUser>().use(
  new Commerce7Strategy<AuthUser>(commerce7, async ({ tenantId, staff }) => ({
    id: staff.id,
    name: staff.name,
    tenantId,
    isOwner: staff.role === "Admin Owner",
  })),
);

/** The loader of the page that the admin opens in its frame. */
async function loader(request: Request): Promise<Response> {
  try {
    const user = await authenticator.authenticate("commerce7", request);
    // Begin a session here, and redirect to an address without the token.
    return Response.json(user);
  } catch (error) {
    if (error instanceof Commerce7RefusedError) return new Response("no access", { status: 401 });
    if (error instanceof Commerce7UnreachableError) return new Response("try again", { status: 503 });
    throw error;
  }
}

const opened = (tenantId: string, account: string) =>
  new Request(`http://localhost:3000/app?${new URLSearchParams({ tenantId, account })}`);
const account = sandbox.accountToken("spectrawinery");

for (const request of [opened("spectrawinery", account), opened("old-oak-estate", account)]) {
  const answer = await loader(request);
  process.stdout.write(`${answer.status} ${await answer.text()}\n`);
}
// 200 {"id":"12211212-…","name":"Jason Andres","tenantId":"spectrawinery","isOwner":true}
// 401 no access
await sandbox.close();
