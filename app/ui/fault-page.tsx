import { isRouteErrorResponse, Link } from "@remix-run/react";
import type { ComponentProps } from "react";
import { buttonClass } from "./button";
import { Icon } from "./icon";
import { Logo } from "./logo";
import { Shell } from "./shell";

const TONES = {
  lock: "border-card-line text-link",
  question: "border-card-line text-secondary",
  warning: "border-warning/50 text-warning",
};

type Fault = {
  icon: keyof typeof TONES;
  title: string;
  text: string;
  hint: string;
  action: "try-again" | "home";
};

type FaultName =
  | "refused"
  | "not-installed"
  | "unreachable"
  | "limit"
  | "too-many"
  | "not-allowed"
  | "database"
  | "bad-request"
  | "not-found"
  | "unknown";

const FAULTS: Record<FaultName, Fault> = {
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

type FaultPageProps = {
  error?: unknown;
  fault?: FaultName;
  /** What to do, where the page knows better than its fault. */
  hint?: string;
};

/**
 * A friendly page for whatever stopped a page: says what happened, and what to do. Never shows the error itself.
 * Whoever is known to be signed in keeps the shell and the theme.
 */
export function FaultPage({ error, fault = faultOf(error), hint = FAULTS[fault].hint }: FaultPageProps) {
  const card = <FaultCard {...FAULTS[fault]} hint={hint} />;
  const signedIn = dataOf(error)?.signedIn;
  if (!signedIn) {
    return (
      <main className="mx-auto max-w-2xl px-5 py-8 sm:px-8 sm:py-14">
        <Logo />
        <div className="mt-6">{card}</div>
      </main>
    );
  }
  const { theme, ...around } = signedIn;
  return (
    <div data-theme={theme ?? undefined}>
      <Shell {...around}>{card}</Shell>
    </div>
  );
}

function FaultCard({ icon, title, text, hint, action }: Fault) {
  return (
    <div className="max-w-2xl rounded-card border border-card-line bg-card p-6 sm:p-8">
      <span className={`grid size-11 place-items-center rounded-full border bg-surface ${TONES[icon]}`}>
        <Icon name={icon} />
      </span>
      <h1 className="mt-5 text-2xl tracking-tight">{title}</h1>
      <p className="mt-3 text-pretty">{text}</p>
      <p className="mt-2 text-pretty text-secondary">{hint}</p>
      <p className="mt-6">
        {action === "try-again" ? (
          // biome-ignore lint/a11y/useValidAnchor: an empty address is this page's own, without writing its token out
          <a href="" className={buttonClass()}>
            Try again
          </a>
        ) : (
          <Link to="/" className={buttonClass({ kind: "quiet" })}>
            How to open Libero
          </Link>
        )}
      </p>
    </div>
  );
}

/** What stopped a page, in a few words for its title. */
export function faultTitle(error: unknown): string {
  return FAULTS[faultOf(error)].title;
}

function faultOf(error: unknown): FaultName {
  if (!isRouteErrorResponse(error)) return "unknown";
  const fault = dataOf(error)?.fault;
  if (typeof fault === "string" && Object.hasOwn(FAULTS, fault)) return fault as FaultName;
  return error.status === 404 ? "not-found" : "unknown";
}

type FaultData = {
  fault?: unknown;
  /** Who is signed in, where that is known although the page is not. */
  signedIn?: Omit<ComponentProps<typeof Shell>, "children"> & { theme: "light" | "dark" | null };
};

/** What a door says with a fault. Whatever else is thrown holds nothing of it. */
function dataOf(error: unknown): FaultData | undefined {
  return isRouteErrorResponse(error) ? ((error.data as FaultData | null) ?? undefined) : undefined;
}
