import {
  type ActionFunctionArgs,
  type AppLoadContext,
  data,
  type LoaderFunctionArgs,
  redirect,
} from "@remix-run/node";
import { useLoaderData, useRouteError } from "@remix-run/react";
import { isAdministrator } from "~/lib/administrators.server";
import { listRecentSignIns } from "~/lib/devices.server";
import { guarded, unlessAway } from "~/lib/guard.server";
import { navigationOf } from "~/lib/navigation.server";
import { isOpenedFromAdmin, openFromAdmin } from "~/lib/open.server";
import { NO_STORE_NO_REFERRER, pageHeaders } from "~/lib/page-headers.server";
import { addressOf } from "~/lib/rate-limits.server";
import { requireSession, sessionStats } from "~/lib/sessions.server";
import { themeOf } from "~/lib/theme.server";
import { ConfirmPage, confirmationOf } from "~/ui/confirm-page";
import { FaultPage } from "~/ui/fault-page";
import { OverviewPage } from "~/ui/overview-page";
import { pageTitle } from "~/ui/page-title";
import { Shell } from "~/ui/shell";

const RECENT_SIGN_INS = 8;

export const meta = pageTitle("Overview");
export const headers = pageHeaders;

export const loader = guarded(async ({ request, context }: LoaderFunctionArgs) => {
  if (isOpenedFromAdmin(request)) throw await open(request, context);

  const session = await requireSession(request);
  // Who one is, the session says; the rest of the page can wait for the database.
  const figures = Promise.all([listRecentSignIns(session, RECENT_SIGN_INS), sessionStats(session.clientId)]);
  const [recent, stats] = (await unlessAway(figures)) ?? [null, null];
  const { id, user, tenantId, origin, createdAtMs, expiresAtMs } = session;
  return {
    session: { id, user, tenantId, origin, createdAtMs, expiresAtMs },
    recent,
    seesEverybody: isAdministrator(session),
    stats,
    theme: themeOf(session),
  };
});

/** Its user has said that another session in this browser may be replaced. */
export const action = guarded(async ({ request, context }: ActionFunctionArgs) => {
  if (!isOpenedFromAdmin(request)) throw new Response(null, { status: 405, headers: { Allow: "GET, HEAD" } });
  throw await swapTokenForSession(request, { address: addressOf(context), asksFirst: false });
});

async function open(request: Request, context: AppLoadContext) {
  const navigation = navigationOf(request, context);
  if (!navigation) return new Response(null, { status: 403, headers: NO_STORE_NO_REFERRER });
  return swapTokenForSession(request, {
    address: addressOf(context),
    // In a frame the admin has just said who opens it; a link that leads here may be another person's.
    asksFirst: navigation === "top-level",
  });
}

const STATUS = {
  confirm: 409,
  refused: 401,
  "not-installed": 403,
  limit: 403,
  "too-many": 429,
  unreachable: 503,
} as const;

async function swapTokenForSession(request: Request, options: Parameters<typeof openFromAdmin>[1]) {
  const opening = await openFromAdmin(request, options);
  if (opening.outcome === "opened") {
    const headers = { ...NO_STORE_NO_REFERRER, "Set-Cookie": opening.setCookie };
    return redirect(opening.location, { headers });
  }
  const init = { status: STATUS[opening.outcome], headers: NO_STORE_NO_REFERRER };
  if (opening.outcome === "confirm") {
    const { current, next } = opening;
    return data({ fault: "confirm", current, next }, init);
  }
  if (opening.outcome !== "too-many") return data({ fault: opening.outcome }, init);
  const headers = { ...NO_STORE_NO_REFERRER, "Retry-After": String(opening.retryAfterSeconds) };
  return data({ fault: opening.outcome }, { ...init, headers });
}

export default function App() {
  const { session, recent, seesEverybody, stats } = useLoaderData<typeof loader>();
  return (
    <Shell winery={session.tenantId} user={session.user}>
      <OverviewPage session={session} recent={recent} seesEverybody={seesEverybody} stats={stats} />
    </Shell>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  const confirmation = confirmationOf(error);
  return confirmation ? <ConfirmPage {...confirmation} /> : <FaultPage error={error} />;
}
