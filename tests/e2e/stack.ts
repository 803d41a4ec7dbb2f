import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Sandbox, startSandbox } from "../../sandbox/server";
import { succeeded } from "../../sandbox/types";
import { wineries } from "../../sandbox/wineries";
import { type AppServer, INSTALL, startApp } from "../support/app-server";
import { copyEmbedded } from "../support/embedded-database";
import { freePort } from "../support/free-port";

/** She is an operator, besides being staff of a winery. */
export const OPERATOR = "maya@spectrawinery.example";

/** The platform's stand-in and the built app: the admin at 127.0.0.1, the app at localhost, two sites to a browser. */
export type Stack = {
  sandbox: Sandbox;
  app: { url: string; output: () => string };
  /** Stops the app by a signal and starts it again at the same address, on the same data. */
  restart(signal: NodeJS.Signals): Promise<void>;
  /** Sends a webhook that the admin does not learn of, so that it goes on showing what it showed. */
  webhook(kind: "install" | "uninstall", body: object): Promise<Response>;
  /** Nothing installed, all signed out, light, no fault. What was saved in a winery's settings stays. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Starts both, on an embedded database of their own unless the settings name another.
 * @param settings the app's environment, over what a development start has
 * @param hosts by which names the sandbox is reached, beside its own
 */
export async function openStack(
  settings: Record<string, string> = {},
  hosts: readonly string[] = [],
): Promise<Stack> {
  const folder = settings.DATABASE_URL ? undefined : await copyEmbedded();
  const port = await freePort();
  const sandbox = await startSandbox({ appUrl: `http://localhost:${port}`, hosts, ...INSTALL });
  const env = {
    NODE_ENV: "development" as const,
    PORT: String(port),
    ...(folder && { DATABASE_URL: `pglite://${folder}` }),
    COMMERCE7_API_URL: `${sandbox.url}/v1`,
    SMTP_URL: sandbox.smtpUrl,
    OPERATOR_EMAILS: OPERATOR,
    ...settings,
  };
  let app: AppServer = await startApp(env);
  return {
    sandbox,
    app: { url: app.url, output: () => app.output() },
    async restart(signal) {
      await app.stop(signal);
      app = await startApp(env);
    },
    webhook: (kind, body) => sendWebhook(`${app.url}/${kind}`, body),
    reset: () => resetSandbox(sandbox),
    async close() {
      await app.stop();
      await sandbox.close();
      if (folder) await rm(dirname(folder), { recursive: true, force: true });
    },
  };
}

async function resetSandbox(sandbox: Sandbox) {
  sandbox.setFault("none");
  await post(sandbox, "/theme", { theme: "light" });
  for (const { tenantId, staff } of wineries) {
    await uninstall(sandbox, tenantId);
    await post(sandbox, `/admin/${tenantId}/staff`, { staffId: staff[0].id });
  }
}

/** Where the test before has done so, the app need not be asked again. */
async function uninstall(sandbox: Sandbox, tenantId: string) {
  const last = sandbox.deliveries().find((delivery) => delivery.tenantId === tenantId);
  if (!last || (last.kind === "uninstall" && succeeded(last))) return;
  await sandbox.uninstall(tenantId);
}

/** Sends a form of the admin's, as a person would. */
async function post(sandbox: Sandbox, path: string, fields: Record<string, string>) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`${sandbox.url}${path}`, { method: "POST", body, redirect: "manual" });
  if (answer.status !== 303) throw new Error(`the sandbox answered ${answer.status} to ${path}`);
}

async function sendWebhook(url: string, body: object): Promise<Response> {
  const credentials = Buffer.from(`${INSTALL.username}:${INSTALL.password}`).toString("base64");
  const headers = { Authorization: `Basic ${credentials}`, "Content-Type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the app answered ${answer.status} to ${url}`);
  return answer;
}
