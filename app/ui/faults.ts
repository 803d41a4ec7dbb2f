/** What stopped a page: what happened, and what to do. */
export type Fault = {
  icon: "lock" | "question" | "warning";
  title: string;
  text: string;
  hint: string;
  action: "try-again" | "home" | "ask-again";
};

export type FaultName =
  | "refused"
  | "not-installed"
  | "unreachable"
  | "limit"
  | "too-many"
  | "too-many-links"
  | "link-damaged"
  | "link-foreign"
  | "link-used"
  | "link-expired"
  | "link-void"
  | "link-limit"
  | "not-allowed"
  | "database"
  | "bad-request"
  | "not-found"
  | "unknown";

export const FAULTS: Record<FaultName, Fault> = {
  refused: {
    icon: "lock",
    title: "Commerce7 did not confirm your access",
    text: "We asked Commerce7 who you are, and it does not know this sign-in for this winery.",
    hint: "Open Libero again from the Commerce7 admin. If that does not help, sign out of Commerce7 and in again.",
    action: "home",
  },
  "not-installed": {
    icon: "lock",
    title: "Libero is not installed for this winery",
    text: "Commerce7 knows you, but this winery does not have Libero, or not any more.",
    hint: "An owner of the winery can install it in the Commerce7 admin, under Apps.",
    action: "home",
  },
  unreachable: {
    icon: "warning",
    title: "Commerce7 cannot be reached right now",
    text: "We could not ask Commerce7 who you are. Nothing is wrong with your access.",
    hint: "This usually passes within a minute.",
    action: "try-again",
  },
  limit: {
    icon: "lock",
    title: "You are signed in on as many browsers as your winery allows",
    text: "Commerce7 knows you, but your winery limits how many sessions one person may have, and all of yours are in use.",
    hint: "Sign out of Libero in another browser, or ask an administrator to sign you out there.",
    action: "try-again",
  },
  "too-many": {
    icon: "warning",
    title: "Too many attempts in a short time",
    text: "Libero was opened too often within a minute, from your network or at your winery. Nothing is wrong with your access, and nobody was signed out.",
    hint: "Wait a minute, then try again.",
    action: "try-again",
  },
  "too-many-links": {
    icon: "warning",
    title: "Too many links in a short time",
    text: "Links to sign in were asked for, or opened, too often within a minute: from your network, or for this mailbox. Nobody was signed out.",
    hint: "Wait a minute, then ask for a new one.",
    action: "ask-again",
  },
  "link-damaged": {
    icon: "question",
    title: "This link is not whole",
    text: "Something is missing from it, or has been added. Nobody was signed in.",
    hint: "Open it from the mail itself, or copy it to its last character.",
    action: "ask-again",
  },
  "link-foreign": {
    icon: "lock",
    title: "Open the link where you asked for it",
    text: "A link works only in the browser that asked for it, and only the newest one. This browser did not ask for this one.",
    hint: "Go back to that browser, or ask for a link in this one.",
    action: "ask-again",
  },
  "link-used": {
    icon: "lock",
    title: "This link has been used",
    text: "A link signs in once, and this one already has.",
    hint: "If that was you, you may still be signed in. If not, ask for a new link.",
    action: "ask-again",
  },
  "link-expired": {
    icon: "lock",
    title: "This link is too old",
    text: "A link works for ten minutes, in case somebody else looks into your mailbox later.",
    hint: "Ask for a new one: it is in your mailbox in a moment.",
    action: "ask-again",
  },
  "link-void": {
    icon: "lock",
    title: "This link no longer opens anything",
    text: "A newer one took its place, or there is nothing any more that it could open for you.",
    hint: "Ask for a new one, or open Libero from the Commerce7 admin.",
    action: "ask-again",
  },
  "link-limit": {
    icon: "lock",
    title: "You are signed in on as many browsers as your winery allows",
    text: "Your link is fine, but your winery limits how many sessions one person may have, and all of yours are in use.",
    hint: "Sign out of Libero in another browser, then ask for a new link.",
    action: "ask-again",
  },
  "not-allowed": {
    icon: "lock",
    title: "Only an administrator can do that",
    text: "It concerns everybody at your winery, and your role in Commerce7 is not an administrator’s. Nothing was changed.",
    hint: "Ask an administrator of your winery. If your role has just changed, open Libero again from the Commerce7 admin.",
    action: "home",
  },
  database: {
    icon: "warning",
    title: "Libero is taking a short break",
    text: "Our database does not answer right now. That signs nobody out, and nothing that was saved is lost.",
    hint: "This usually passes within a minute. If you have just sent a form, check afterwards whether it was done.",
    action: "try-again",
  },
  "bad-request": {
    icon: "question",
    title: "This form could not be read",
    text: "What arrived is not a form of ours. Nothing was changed.",
    hint: "Go back, reload the page and try once more.",
    action: "home",
  },
  "not-found": {
    icon: "question",
    title: "There is no page at this address",
    text: "It may have moved, or the address has a typing error.",
    hint: "Check the address, or open Libero again from the Commerce7 admin.",
    action: "home",
  },
  unknown: {
    icon: "warning",
    title: "Something went wrong on our side",
    text: "This page could not be shown. The fault is in our log, and nothing you entered elsewhere is lost.",
    hint: "Try again; if it happens once more, please tell us what you were doing.",
    action: "try-again",
  },
};
