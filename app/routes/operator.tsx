import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData, useRouteError } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { readDashboard } from "~/lib/operator-figures.server";
import { endOperatorSession, requireOperator } from "~/lib/operator-session.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { FaultPage } from "~/ui/fault-page";
import { OperatorPage } from "~/ui/operator-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("All wineries");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => {
  const { email } = await requireOperator(request);
  return { email, ...(await readDashboard()) };
});

/** The one form of the page: signs out, whoever still is or is no longer signed in. */
export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  const setCookie = await endOperatorSession(request);
  return redirect("/login", { headers: { "Set-Cookie": setCookie, "Cache-Control": "no-store" } });
});

export default function Operator() {
  return <OperatorPage {...useLoaderData<typeof loader>()} />;
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
