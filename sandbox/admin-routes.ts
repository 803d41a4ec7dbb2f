import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { z } from "zod";
import type { SandboxParts } from "./express-app";
import { mailboxRoutes } from "./mailbox-routes";
import { messagePage } from "./pages/message";
import { overviewPage } from "./pages/overview";
import { wineryPage } from "./pages/winery";
import { faults, themes } from "./types";
import { findStaff, findWinery, type Winery } from "./wineries";

const backTo = { tenant: z.string().max(64).optional(), page: z.literal("mailbox").optional() };
const themeForm = z.object({ theme: z.enum(themes), ...backTo });
const faultForm = z.object({ fault: z.enum(faults), ...backTo });
const staffForm = z.object({ staffId: z.uuid() });

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "frame-src http: https:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The admin's pages and the forms on them; every form leads back to its page with 303. */
export function adminRoutes(parts: SandboxParts): Router {
  const { state } = parts;
  const router = express.Router();
  router.use(pageHeaders, express.urlencoded({ extended: false, limit: "8kb" }));
  router.use(mailboxRoutes(parts));
  router.get("/", (_request, response) => response.send(overviewPage(parts)));
  router.get(
    "/admin/:tenant",
    forWinery(parts, (winery, _request, response) => response.send(wineryPage(parts, winery))),
  );
  router.post("/admin/:tenant/install", forWinery(parts, sendWebhook(parts.install)));
  router.post("/admin/:tenant/uninstall", forWinery(parts, sendWebhook(parts.uninstall)));
  router.post("/admin/:tenant/staff", forWinery(parts, chooseStaff(parts)));
  router.post("/theme", (request, response) => {
    const form = themeForm.safeParse(request.body);
    if (!form.success) return badForm(parts, response, form.error);
    state.setTheme(form.data.theme);
    response.redirect(303, pageOf(form.data));
  });
  router.post("/fault", (request, response) => {
    const form = faultForm.safeParse(request.body);
    if (!form.success) return badForm(parts, response, form.error);
    parts.setFault(form.data.fault);
    response.redirect(303, pageOf(form.data));
  });
  return router;
}

// The iframe's address carries an account token: no cache may keep the page, no referrer may tell of it.
const pageHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  });
  next();
};

type WineryHandler = (winery: Winery, request: Request, response: Response) => unknown;

function forWinery(parts: SandboxParts, handle: WineryHandler): RequestHandler {
  return async (request, response, next) => {
    const winery = findWinery(request.params.tenant ?? "");
    if (!winery) {
      const text = `The sandbox has no winery "${request.params.tenant}".`;
      response.status(404).send(messagePage(parts, "Winery not found", text));
      return;
    }
    try {
      await handle(winery, request, response);
    } catch (error) {
      next(error);
    }
  };
}

function sendWebhook(send: SandboxParts["install"]): WineryHandler {
  return async (winery, _request, response) => {
    await send(winery.tenantId);
    response.redirect(303, pageOf({ tenant: winery.tenantId }));
  };
}

function chooseStaff(parts: SandboxParts): WineryHandler {
  return (winery, request, response) => {
    const form = staffForm.safeParse(request.body);
    if (!form.success) return badForm(parts, response, form.error);
    const staff = findStaff(winery, form.data.staffId);
    if (!staff) {
      const text = `${winery.name} has no such staff member.`;
      return response.status(400).send(messagePage(parts, "That did not work", text));
    }
    parts.state.setStaff(winery.tenantId, staff.id);
    response.redirect(303, pageOf({ tenant: winery.tenantId }));
  };
}

function badForm(parts: SandboxParts, response: Response, error: z.ZodError): void {
  const page = messagePage(parts, "That did not work", z.prettifyError(error));
  response.status(400).send(page);
}

function pageOf({ tenant, page }: { tenant?: string; page?: "mailbox" }): string {
  if (page) return `/${page}`;
  return tenant && findWinery(tenant) ? `/admin/${tenant}` : "/";
}
