import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { getSession } from "~/lib/sessions.server";
import { offersLinks } from "~/lib/sign-in.server";
import { themeOf } from "~/lib/theme.server";
import { LandingPage } from "~/ui/landing-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("For Commerce7 wineries");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => {
  const session = await getSession(request);
  return { signedInTo: session?.tenantId ?? null, offersLinks: offersLinks(), theme: themeOf(session) };
});

export default function Index() {
  const { signedInTo, offersLinks } = useLoaderData<typeof loader>();
  return <LandingPage signedInTo={signedInTo} offersLinks={offersLinks} />;
}
