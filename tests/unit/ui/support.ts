import { RemixServer, useRouteError } from "@remix-run/react";
import { createElement } from "react";
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

/** The HTML of the page in whose route this was thrown, from Remix's own server renderer. */
export function renderFault(error: unknown): string {
  const route = { id: "root", path: "app", hasLoader: true, hasErrorBoundary: true, module: "/root.js" };
  const context = {
    manifest: { routes: { root: route }, entry: { module: "/entry.js", imports: [] }, url: "", version: "" },
    routeModules: { root: { default: () => null, ErrorBoundary } },
    staticHandlerContext: {
      location: { pathname: "/app", search: "?account=token", hash: "", state: null, key: "default" },
      matches: [{ params: {}, pathname: "/app", pathnameBase: "/app", route: { id: "root" } }],
      loaderData: {},
      actionData: null,
      errors: { root: error },
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
