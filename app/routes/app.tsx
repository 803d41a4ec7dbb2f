import { data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData, useRouteError } from "@remix-run/react";
import { listRecentSignIns, mayManageSessions } from "~/lib/devices.server";
import { guarded } from "~/lib/guard.server";
import { isOpenedFromAdmin, openFromAdmin } from "~/lib/open.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { requireSession, sessionStats } from "~/lib/sessions.server";
import { themeOf } from "~/lib/theme.server";
import { FaultPage } from "~/ui/fault-page";
import { OverviewPage } from "~/ui/overview-page";
import { pageTitle } from "~/ui/page-title";
import { Shell } from "~/ui/shell";

const RECENT_SIGN_INS = 8;

export const meta = pageTitle("Overview");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => {
  if (isOpenedFromAdmin(request)) throw await swapTokenForSession(request);

  const session = await requireSession(request);
  const [recent, stats] = await Promise.all([
    listRecentSignIns(session, RECENT_SIGN_INS),
    sessionStats(session.clientId),
  ]);
  const { id, user, tenantId, createdAtMs, expiresAtMs } = session;
  return {
    session: { id, user, tenantId, createdAtMs, expiresAtMs },
    recent,
    seesEverybody: mayManageSessions(session),
    stats,
    theme: themeOf(session),
  };
});

const STATUS = { refused: 401, "not-installed": 403, limit: 403, unreachable: 503 } as const;

async function swapTokenForSession(request: Request) {
  // The URL holds the token: nobody may keep the answer, and nobody may learn the address from a referrer.
  const discreet = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
  const opening = await openFromAdmin(request);
  return opening.outcome === "opened"
    ? redirect(opening.location, { headers: { ...discreet, "Set-Cookie": opening.setCookie } })
    : data({ fault: opening.outcome }, { status: STATUS[opening.outcome], headers: discreet });
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
  return <FaultPage error={useRouteError()} />;
}
