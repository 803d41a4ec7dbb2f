import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation, useRouteError } from "@remix-run/react";
import { guarded } from "~/lib/guard.server";
import { pageHeaders } from "~/lib/page-headers.server";
import { askForLink, offersLinks } from "~/lib/sign-in.server";
import { FaultPage } from "~/ui/fault-page";
import { LoginPage, type LoginPageProps } from "~/ui/login-page";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("Sign in by e-mail");
export const headers = pageHeaders;

export const loader = guarded(async ({ request }: LoaderFunctionArgs) => ({ shows: whatToShow(request) }));

function whatToShow(request: Request): LoginPageProps["shows"] {
  if (!offersLinks()) return "no-mail";
  if (request.headers.get("sec-fetch-dest") === "iframe") return "framed";
  return new URL(request.url).searchParams.has("sent") ? "sent" : "form";
}

export const action = guarded(async ({ request, context }: ActionFunctionArgs) => {
  const asked = await askForLink(request, context);
  if (asked.outcome === "no-mail") throw redirect("/login");
  if (asked.outcome === "too-many") {
    const headers = { "Retry-After": String(asked.retryAfterSeconds), "Cache-Control": "no-store" };
    throw data({ fault: "too-many-links" }, { status: 429, headers });
  }
  return data(asked, { status: 422 });
});

export default function Login() {
  const { shows } = useLoaderData<typeof loader>();
  return (
    <LoginPage
      shows={shows}
      refused={useActionData<typeof action>()}
      sending={useNavigation().state === "submitting"}
    />
  );
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
