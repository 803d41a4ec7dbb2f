import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { guarded } from "~/lib/guard.server";
import { endSession } from "~/lib/sessions.server";

/** A link or a prefetch must not sign anybody out: only POST does. */
export const loader = () => redirect("/app");

export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  const setCookie = await endSession(request);
  return redirect("/", { headers: { "Set-Cookie": setCookie, "Cache-Control": "no-store" } });
});
