import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { useRouteError } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { endSession } from "~/lib/sessions.server";
import { FaultPage } from "~/ui/fault-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("Sign out");
export const headers = pageHeaders;

/** A link or a prefetch must not sign anybody out: only POST does. */
export const loader = () => redirect("/app");

export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  const setCookie = await endSession(request);
  return redirect("/", { headers: { "Set-Cookie": setCookie, "Cache-Control": "no-store" } });
});

/** Shows nothing, and makes this a page: where signing out fails, a person is told so, and not a program. */
export default function Logout() {
  return null;
}

export function ErrorBoundary() {
  const hint = "You may still be signed in: wait a minute, then sign out once more.";
  return <FaultPage error={useRouteError()} hint={hint} />;
}
