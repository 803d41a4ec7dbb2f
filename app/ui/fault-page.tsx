import { isRouteErrorResponse, Link } from "@remix-run/react";
import type { ComponentProps } from "react";
import { buttonClass } from "./button";
import { FAULTS, type Fault, type FaultName } from "./faults";
import { Icon } from "./icon";
import { Logo } from "./logo";
import { Shell } from "./shell";

const TONES: Record<Fault["icon"], string> = {
  lock: "border-card-line text-link",
  question: "border-card-line text-secondary",
  warning: "border-warning/50 text-warning",
};

type FaultPageProps = {
  error?: unknown;
  fault?: FaultName;
  /** What to do, where the page knows better than its fault. */
  hint?: string;
};

/**
 * A friendly page for whatever stopped a page: says what happened, and what to do. Never shows the error itself, but
 * in development.
 * Whoever is known to be signed in keeps the shell and the theme.
 */
export function FaultPage({ error, fault = faultOf(error), hint = FAULTS[fault].hint }: FaultPageProps) {
  const { reference, stack, signedIn } = dataOf(error) ?? {};
  const card = (
    <>
      <FaultCard {...FAULTS[fault]} hint={hint} reference={text(reference)} />
      {stack && (
        <pre className="mt-6 max-w-4xl overflow-x-auto rounded-card border border-card-line p-4 text-xs">
          {stack}
        </pre>
      )}
    </>
  );
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

function FaultCard({
  icon,
  title,
  text,
  hint,
  action,
  reference,
}: Fault & { reference: string | undefined }) {
  return (
    <div className="max-w-2xl rounded-card border border-card-line bg-card p-6 sm:p-8">
      <span className={`grid size-11 place-items-center rounded-full border bg-surface ${TONES[icon]}`}>
        <Icon name={icon} />
      </span>
      <h1 className="mt-5 text-2xl tracking-tight">{title}</h1>
      <p className="mt-3 text-pretty">{text}</p>
      <p className="mt-2 text-pretty text-secondary">{hint}</p>
      <p className="mt-6">
        <Way action={action} />
      </p>
      {reference && <p className="mt-6 text-sm text-secondary">Reference {reference}</p>}
    </div>
  );
}

function Way({ action }: Pick<Fault, "action">) {
  switch (action) {
    case "try-again":
      return (
        // biome-ignore lint/a11y/useValidAnchor: an empty address is this page's own, without writing its token out
        <a href="" className={buttonClass()}>
          Try again
        </a>
      );
    case "ask-again":
      return (
        <Link to="/login" className={buttonClass()}>
          Ask for a new link
        </Link>
      );
    case "home":
      return (
        <Link to="/" className={buttonClass({ kind: "quiet" })}>
          How to open Libero
        </Link>
      );
  }
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

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

type FaultData = {
  fault?: unknown;
  /** By which our log finds the request. */
  reference?: unknown;
  /** In development alone. */
  stack?: string;
  /** Who is signed in, where that is known although the page is not. */
  signedIn?: Omit<ComponentProps<typeof Shell>, "children"> & { theme: "light" | "dark" | null };
};

/** What a door says with a fault. Whatever else is thrown holds nothing of it. */
function dataOf(error: unknown): FaultData | undefined {
  return isRouteErrorResponse(error) ? ((error.data as FaultData | null) ?? undefined) : undefined;
}
