import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation, useRouteError } from "@remix-run/react";
import { isAdministrator } from "~/lib/administrators.server";
import {
  defaultSessionPolicy,
  getClientSettings,
  SESSION_BOUNDS,
  saveClientSettings,
} from "~/lib/client-settings.server";
import { AWAY, guarded, unlessAway } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { requireFreshSession, requireSession } from "~/lib/sessions.server";
import { themeOf } from "~/lib/theme.server";
import { FaultPage } from "~/ui/fault-page";
import { pageTitle } from "~/ui/page-title";
import { SettingsPage } from "~/ui/settings-page";
import { Shell } from "~/ui/shell";

export const meta = pageTitle("Settings");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => {
  const session = await requireSession(request);
  const settings = await getClientSettings(session.clientId);
  if (!settings) throw redirect("/");
  return {
    session: { user: session.user, tenantId: session.tenantId },
    settings,
    bounds: SESSION_BOUNDS,
    defaults: defaultSessionPolicy(),
    mayChange: isAdministrator(session),
    theme: themeOf(session),
  };
});

export const action = guarded(async ({ request }: ActionFunctionArgs) => {
  // The form stays on the page, with what was typed into it.
  return (await unlessAway(save(request))) ?? data({ saved: "unknown" as const }, AWAY);
});

async function save(request: Request) {
  const session = await requireFreshSession(request);
  const form = await request.formData().catch(() => {
    throw data({ fault: "bad-request" }, { status: 400 });
  });
  const result = await saveClientSettings(session, form);
  const typed = Object.fromEntries(
    [...form].filter((field): field is [string, string] => typeof field[1] === "string"),
  );
  switch (result.outcome) {
    case "not-installed":
      throw redirect("/");
    case "not-allowed":
      return data({ saved: false as const, faults: {}, typed: {} }, { status: 403 });
    case "saved":
      return data({ saved: true as const });
    case "invalid":
      return data({ saved: false as const, faults: result.faults, typed }, { status: 422 });
    case "conflict": {
      const { fields, current } = result;
      return data(
        { saved: false as const, faults: {}, typed, conflict: { fields, current } },
        { status: 409 },
      );
    }
  }
}

export default function Settings() {
  const { session, settings, bounds, defaults, mayChange } = useLoaderData<typeof loader>();
  return (
    <Shell winery={session.tenantId} user={session.user}>
      <SettingsPage
        settings={settings}
        bounds={bounds}
        defaults={defaults}
        mayChange={mayChange}
        role={session.user.role}
        result={useActionData<typeof action>()}
        saving={useNavigation().state === "submitting"}
      />
    </Shell>
  );
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
