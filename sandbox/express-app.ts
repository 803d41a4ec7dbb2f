import express, { type ErrorRequestHandler, type Express } from "express";
import { accountApi } from "./account-api";
import { adminRoutes } from "./admin-routes";
import { assetRoutes, platformScript } from "./asset-routes";
import type { ReceivedMail } from "./mailbox";
import { requireLoopbackHost, requireOwnOrigin } from "./own-origin";
import { messagePage } from "./pages/message";
import type { State } from "./state";
import type { Delivery, Fault } from "./types";

/** What the HTTP side asks of the sandbox. */
export type SandboxParts = {
  state: State;
  appUrl(): string;
  fault(): Fault;
  setFault(fault: Fault): void;
  onAccountCall(): void;
  accountToken(tenantId: string): string;
  install(tenantId: string): Promise<Delivery>;
  uninstall(tenantId: string): Promise<Delivery>;
  /** What the app has mailed, newest first. */
  mails(): ReceivedMail[];
  smtpUrl: string;
  operatorEmails: readonly string[];
  hosts: readonly string[];
};

/** Everything the sandbox answers: the account API and script of the platform, and the admin's pages. */
export function sandboxApp(parts: SandboxParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(requireLoopbackHost(parts.hosts));
  app.use(requireOwnOrigin);
  app.use("/v1", accountApi({ secret: parts.state.secret, fault: parts.fault, onCall: parts.onAccountCall }));
  app.use("/v2", platformScript());
  app.use("/assets", assetRoutes());
  app.use(adminRoutes(parts));
  app.use((_request, response) => {
    const text = "The sandbox has no page at this address.";
    response.status(404).send(messagePage(parts, "Page not found", text));
  });
  app.use(reportError(parts));
  return app;
}

function reportError(parts: SandboxParts): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = typeof error?.status === "number" ? error.status : 500;
    const text = error instanceof Error ? error.message : String(error);
    response.status(status).send(messagePage(parts, "That did not work", text));
  };
}
