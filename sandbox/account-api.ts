import express, { type Request, type Response, type Router } from "express";
import { readAccountToken } from "./account-token";
import type { Fault } from "./types";
import { findStaff, findWinery, type Staff } from "./wineries";

const unauthorized = { statusCode: 401, type: "unauthorized", message: "Unauthorized user", errors: [] };
const serverError = { statusCode: 500, type: "serverError", message: "Something went wrong", errors: [] };
const maintenancePage = "<!doctype html><title>Maintenance</title><h1>We will be right back</h1>";

/** What the account API needs: the signing secret, how to misbehave now, and whom to tell of each call. */
export type AccountApiOptions = { secret: string; fault(): Fault; onCall(): void };

/** The router of `/v1`: `GET /account/user`, faults included; every other path is a JSON 404. */
export function accountApi({ secret, fault, onCall }: AccountApiOptions): Router {
  const router = express.Router();
  router.get("/account/user", (request, response) => {
    const probe = request.get("user-agent") === "libero-probe";
    if (request.method === "GET" && !probe) onCall();
    const user = findUser(secret, request);
    answers[fault()](response, user);
  });
  router.use((_request, response) => {
    response.status(404).json({ statusCode: 404, type: "notFound", message: "Not found", errors: [] });
  });
  return router;
}

function findUser(secret: string, request: Request): Staff | undefined {
  const winery = findWinery(request.get("tenant") ?? "");
  const staffId = readAccountToken(secret, request.get("authorization") ?? "");
  return winery && staffId ? findStaff(winery, staffId) : undefined;
}

const answers: Record<Fault, (response: Response, user: Staff | undefined) => void> = {
  none: (response, user) => {
    if (user) response.json({ ...user, createdAt: "2024-03-01T17:20:00.000Z" });
    else response.status(401).json(unauthorized);
  },
  refuse: (response) => response.status(401).json(unauthorized),
  hang: () => undefined,
  "500": (response) => response.status(500).json(serverError),
  html: (response) => response.type("html").send(maintenancePage),
  "no-id": (response, user) =>
    response.json({ ...user, id: undefined, createdAt: "2024-03-01T17:20:00.000Z" }),
};
