import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData, useRouteError } from "@remix-run/react";
import {
  endSessions,
  listOwnSessions,
  listWinerySessions,
  noteEnded,
  readEnding,
  takeEnded,
} from "~/lib/devices.server";
import { guarded } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { endSession, requireFreshSession, requireSession } from "~/lib/sessions.server";
import { themeOf } from "~/lib/theme.server";
import { DevicesPage } from "~/ui/devices-page";
import { FaultPage } from "~/ui/fault-page";
import { pageTitle } from "~/ui/page-title";
import { Shell } from "~/ui/shell";

export const meta = pageTitle("Devices");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => {
  const session = await requireSession(request);
  const [own, winery, ended] = await Promise.all([
    listOwnSessions(session),
    listWinerySessions(session),
    takeEnded(session),
  ]);
  const { id, user, tenantId } = session;
  return { session: { id, user, tenantId }, own, winery, ended, theme: themeOf(session) };
});

export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  const session = await requireFreshSession(request);
  const form = await request.formData().catch(() => undefined);
  const ending = form && readEnding(form);
  if (!ending) throw data({ fault: "bad-request" }, { status: 400 });

  const ended = await endSessions(session, ending);
  if (ended.outcome === "not-allowed") throw data({ fault: "not-allowed" }, { status: 403 });
  if (ended.here) return redirect("/", { headers: { "Set-Cookie": await endSession(request) } });
  await noteEnded(session, ended.count);
  return redirect("/devices");
});

export default function Devices() {
  const { session, own, winery, ended } = useLoaderData<typeof loader>();
  return (
    <Shell winery={session.tenantId} user={session.user}>
      <DevicesPage session={session} own={own} winery={winery} ended={ended} />
    </Shell>
  );
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
