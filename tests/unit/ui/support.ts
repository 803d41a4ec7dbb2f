import { RemixServer, useRouteError } from "@remix-run/react";
import { createElement, type ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { FaultPage } from "../../../app/ui/fault-page";

/** What an error boundary is given for `data({ fault }, { status })` that a loader threw. */
export const thrownData = (data: unknown, status: number) => ({
  status,
  statusText: "",
  internal: false,
  data,
});

const ErrorBoundary = () => createElement(FaultPage, { error: useRouteError() });

/** The HTML of the page in whose route this was thrown. */
export function renderFault(error: unknown): string {
  return render({ default: () => null, ErrorBoundary }, { root: error });
}

/** The HTML of a page, with what its links need around it. */
export function renderPage(page: ReactElement): string {
  return render({ default: () => page }, null);
}

/** From Remix's own server renderer. */
function render(root: object, errors: object | null): string {
  const route = { id: "root", path: "app", hasLoader: true, hasErrorBoundary: true, module: "/root.js" };
  const context = {
    manifest: { routes: { root: route }, entry: { module: "/entry.js", imports: [] }, url: "", version: "" },
    routeModules: { root },
    staticHandlerContext: {
      location: { pathname: "/app", search: "?account=token", hash: "", state: null, key: "default" },
      matches: [{ params: {}, pathname: "/app", pathnameBase: "/app", route: { id: "root" } }],
      loaderData: { root: {} },
      actionData: null,
      errors,
      statusCode: 500,
      loaderHeaders: {},
      actionHeaders: {},
      activeDeferreds: null,
      basename: "",
    },
    future: {},
    isSpaMode: false,
    serializeError: (one: Error) => one,
  };
  return renderToStaticMarkup(
    createElement(RemixServer, { context: context as never, url: "http://localhost:3000/app?account=token" }),
  );
}
