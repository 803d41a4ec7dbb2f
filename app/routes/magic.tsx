import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData, useRouteError } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { choose, type LinkEntry, openLink, readChoice } from "~/lib/magic-link.server";
import { navigationOf } from "~/lib/navigation.server";
import { NO_STORE_NO_REFERRER, pageHeaders } from "~/lib/page-headers.server";
import { addressOf } from "~/lib/rate-limits.server";
import { ChoicePage } from "~/ui/choice-page";
import { FaultPage } from "~/ui/fault-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("Sign in");
export const headers = pageHeaders;

/** With a token: opens the link. Without: where its owner has a choice, the choice. */
export const loader = guarded(async ({ request, context }: LoaderFunctionArgs) => {
  if (new URL(request.url).searchParams.has("token")) {
    if (!navigationOf(request, context))
      throw new Response(null, { status: 403, headers: NO_STORE_NO_REFERRER });
    throw answer(await openLink(request, addressOf(context)));
  }
  const choice = await readChoice(request);
  if (!choice) throw redirect("/login");
  return choice;
});

export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  throw answer(await choose(request));
});

const STATUS = {
  "link-damaged": 400,
  "link-foreign": 403,
  "link-used": 410,
  "link-expired": 410,
  "link-void": 410,
  "link-limit": 403,
  "bad-request": 400,
} as const;

function answer(entry: LinkEntry) {
  const headers = new Headers(NO_STORE_NO_REFERRER);
  if (entry.outcome === "fault")
    return data({ fault: entry.fault }, { status: STATUS[entry.fault], headers });
  if (entry.outcome === "too-many") {
    headers.set("Retry-After", String(entry.retryAfterSeconds));
    return data({ fault: "too-many-links" }, { status: 429, headers });
  }
  for (const setCookie of entry.setCookies) headers.append("Set-Cookie", setCookie);
  return redirect(entry.location, { headers });
}

export default function Magic() {
  return <ChoicePage {...useLoaderData<typeof loader>()} />;
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
