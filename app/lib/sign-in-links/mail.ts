import { MINUTE_MS } from "../base/durations";
import { LINK_LIFETIME_MS } from "./links";

export type LinkMail = {
  link: string;
  /** Scheme and host of the app, for whoever wonders where the link leads. */
  origin: string;
  /** Who asked, as far as it is known: a browser, a network address. */
  device: string | null;
  address: string | undefined;
};

const MINUTES = LINK_LIFETIME_MS / MINUTE_MS;
const SUBJECT = "Your link to sign in to Libero";

/** The mail with the link: as text, and as HTML without pictures, scripts and anything that tells when it was read. */
export function writeLinkMail(mail: LinkMail): { subject: string; text: string; html: string } {
  const asked = `Asked for ${whoAsked(mail)}.`;
  const validity = `The link works once, for ${MINUTES} minutes, in the browser that asked for it.`;
  const otherwise =
    "If it was not you, do nothing: without this mail nobody gets in, and nobody but you should see it.";
  return {
    subject: SUBJECT,
    text: [
      "Open this link to sign in to Libero:",
      mail.link,
      validity,
      asked,
      otherwise,
      `Libero, ${mail.origin}`,
    ].join("\n\n"),
    html: html(mail, [validity, asked, otherwise]),
  };
}

function html({ link, origin }: LinkMail, [validity, asked, otherwise]: string[]): string {
  const href = escapeHtml(link);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${SUBJECT}</title></head>
<body style="margin:0;padding:24px;font-family:Inter,system-ui,sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:32rem;margin:0 auto">
<p style="font-size:18px;font-weight:600;margin:0 0 24px">Libero</p>
<p style="margin:0 0 20px">Open this link to sign in to Libero.</p>
<p style="margin:0 0 20px"><a href="${href}" style="display:inline-block;padding:12px 20px;border-radius:4px;background:#0363a6;color:#ffffff;font-weight:500;text-decoration:none">Sign in to Libero</a></p>
<p style="margin:0 0 20px">${escapeHtml(validity)}</p>
<p style="margin:0 0 20px">${escapeHtml(asked)}<br>${escapeHtml(otherwise)}</p>
<p style="margin:0;font-size:13px;overflow-wrap:anywhere">Where the button does not work, copy this address: ${href}</p>
<p style="margin:16px 0 0;font-size:13px">Libero, ${escapeHtml(origin)}</p>
</div>
</body>
</html>
`;
}

function whoAsked({ device, address }: LinkMail): string {
  const parts = [device && `with ${device}`, address && `from the network address ${address}`];
  return parts.filter(Boolean).join(", ") || "by a browser that did not say which it is";
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text = "") => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);
