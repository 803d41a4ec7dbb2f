import "./tailwind.css";
import type { LoaderFunctionArgs } from "@remix-run/node";
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useMatches,
  useRouteError,
  useSearchParams,
} from "@remix-run/react";
import { type ReactNode, useState } from "react";
import { pageHeaders } from "~/lib/page-headers.server";
import { platformScriptUrl } from "~/lib/platform.server";
import { FaultPage } from "~/ui/fault-page";
import { useNonce } from "~/ui/nonce";
import { pageTitle } from "~/ui/page-title";

export const meta = pageTitle("Commerce7");

export const headers = pageHeaders;

export const loader = ({ context }: LoaderFunctionArgs) => ({
  platformScriptUrl: context.loadsPlatformScript ? platformScriptUrl() : null,
});

/** Nothing here changes while the page is open. */
export const shouldRevalidate = () => false;

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const matches = useMatches();
  const scriptUrl = fromMatches(matches, "platformScriptUrl");
  const theme = useTheme(matches);
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme ?? "light dark"} />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <Meta />
        <Links />
        {scriptUrl && <script src={scriptUrl} async />}
      </head>
      <body>
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

/**
 * The session's theme; else what the admin said in the address; else what it was before, so that signing out does
 * not turn a dark page white inside a dark admin; else the browser's own.
 */
function useTheme(matches: ReturnType<typeof useMatches>): Theme | undefined {
  const [searchParams] = useSearchParams();
  const named = asTheme(fromMatches(matches, "theme") ?? searchParams.get("adminUITheme"));
  const [remembered, remember] = useState(named);
  if (named && named !== remembered) remember(named);
  return named ?? remembered;
}

type Theme = "light" | "dark";

function asTheme(value: string | null): Theme | undefined {
  return value === "light" || value === "dark" ? value : undefined;
}

function fromMatches(matches: ReturnType<typeof useMatches>, key: string): string | undefined {
  const values = matches.map(({ data }) => (data as Record<string, unknown> | undefined)?.[key]);
  return values.findLast((value) => typeof value === "string") as string | undefined;
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
