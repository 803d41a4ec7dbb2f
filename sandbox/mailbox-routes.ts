import express, { type Router } from "express";
import type { SandboxParts } from "./express-app";
import { mailboxPage, mailDocument } from "./pages/mailbox";
import { messagePage } from "./pages/message";

/** The markup of a mail may look as it likes, in a frame of ours; it runs nothing, sends nothing and fetches nothing. */
const markupPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "frame-ancestors 'self'",
  "sandbox allow-popups allow-popups-to-escape-sandbox",
].join("; ");

/** The mailbox, and the HTML part of each mail as a document of its own. */
export function mailboxRoutes(parts: SandboxParts): Router {
  const router = express.Router();
  router.get("/mailbox", (_request, response) => response.send(mailboxPage(parts)));
  router.get("/mailbox/:id", (request, response) => {
    const mail = parts.mails().find(({ id, html }) => id === request.params.id && html !== undefined);
    if (mail) return response.set("Content-Security-Policy", markupPolicy).send(mailDocument(mail));
    const text = "It is none of the last 50, or it has no HTML. The sandbox forgets them all when it stops.";
    return response.status(404).send(messagePage(parts, "Mail not found", text));
  });
  return router;
}
