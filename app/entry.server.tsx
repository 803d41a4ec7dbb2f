import { PassThrough } from "node:stream";
import {
  type AppLoadContext,
  createReadableStreamFromReadable,
  type EntryContext,
  type HandleErrorFunction,
} from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { logUnexpectedError } from "~/lib/lifecycle.server";
import { NonceProvider } from "~/ui/nonce";

export { migrate, start, stop } from "~/lib/lifecycle.server";
export { logStartupProblems } from "~/lib/startup-checks.server";

export const streamTimeout = 5_000;

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  loadContext: AppLoadContext,
): Promise<Response> {
  const nonce = typeof loadContext.nonce === "string" ? loadContext.nonce : undefined;
  // Bots get the whole page at once; people get it as it comes.
  const ready = isbot(request.headers.get("user-agent") ?? "") ? "onAllReady" : "onShellReady";
  headers.set("Content-Type", "text/html; charset=utf-8");
  if (!headers.has("Referrer-Policy")) headers.set("Referrer-Policy", referrerPolicy(request));

  return new Promise((resolve, reject) => {
    const { pipe, abort } = renderToPipeableStream(
      <NonceProvider value={nonce}>
        <RemixServer context={remixContext} url={request.url} abortDelay={streamTimeout} nonce={nonce} />
      </NonceProvider>,
      {
        nonce,
        [ready]() {
          const body = new PassThrough().once("close", () => clearTimeout(limit));
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
          pipe(body);
        },
        onShellError: reject,
        onError: (error) => logUnexpectedError(request, error),
      },
    );
    const limit = setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** An address with a token is told to nobody, whatever page it led to; elsewhere our own forms need their origin. */
function referrerPolicy(request: Request): "no-referrer" | "same-origin" {
  const { searchParams } = new URL(request.url);
  return searchParams.has("account") || searchParams.has("token") ? "no-referrer" : "same-origin";
}

/** An address or method that there is not is answered with 404 or 405, and no failure of ours. */
export const handleError: HandleErrorFunction = (error, { request }) => {
  const refused = isRouteErrorResponse(error) && error.status < 500;
  if (!refused && !request.signal.aborted) logUnexpectedError(request, error);
};
