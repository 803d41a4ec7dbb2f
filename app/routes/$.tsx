import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { useRouteError } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { getSession } from "~/lib/sessions.server";
import { themeOf } from "~/lib/theme.server";
import { FaultPage } from "~/ui/fault-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("No page at this address");
export const headers = pageHeaders;

/** Any other address: a 404 page, in the theme of whoever is signed in. */
const notFound = guarded(async ({ request }: LoaderFunctionArgs) =>
  data({ fault: "not-found", theme: themeOf(await getSession(request)) }, { status: 404 }),
);

export const loader = notFound;
export const action = notFound;

export default function NotFound() {
  return <FaultPage fault="not-found" />;
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
