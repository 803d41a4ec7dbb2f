import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/server";

/** A request as the stand-in for the app received it. */
export type Received = { method: string; url: string; headers: IncomingMessage["headers"]; body: string };

export type TestApp = {
  url: string;
  received: Received[];
  answer(handler: (response: ServerResponse) => void): void;
  close(): Promise<void>;
};

const openThings: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of openThings.splice(0)) await thing.close();
});

/** A tiny HTTP server in the app's place; it answers 200 JSON until told otherwise. Closed after the test. */
export async function startApp(): Promise<TestApp> {
  const received: Received[] = [];
  let handle = (response: ServerResponse): void => {
    response.end('{"ok":true}');
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    handle(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const app: TestApp = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (handler) => {
      handle = handler;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  openThings.push(app);
  return app;
}

/** A sandbox that is closed after the test. Its app is at a port where nothing listens, unless one is given. */
export async function openSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const defaults = { appUrl: "http://127.0.0.1:9", username: "commerce7", password: "secret" };
  const sandbox = await startSandbox({ ...defaults, ...options });
  openThings.push(sandbox);
  return sandbox;
}

/** Calls the account API as the app does. */
export function askWho(sandbox: Sandbox, tenant: string, token: string, init: RequestInit = {}) {
  return fetch(`${sandbox.url}/v1/account/user`, { headers: { Authorization: token, tenant }, ...init });
}

/** Posts a form to the admin; redirects are not followed. */
export function postForm(
  sandbox: Sandbox,
  path: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams(fields);
  return fetch(`${sandbox.url}${path}`, { method: "POST", body, headers, redirect: "manual" });
}

/** The HTML of an admin page. */
export async function pageText(sandbox: Sandbox, path: string): Promise<string> {
  return (await fetch(`${sandbox.url}${path}`)).text();
}
