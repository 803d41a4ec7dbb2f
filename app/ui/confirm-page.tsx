import { isRouteErrorResponse, Link } from "@remix-run/react";
import type { SignedIn } from "~/lib/open.server";
import { Button, buttonClass } from "./button";
import { SignInCard } from "./sign-in-card";

type Confirmation = { current: SignedIn; next: SignedIn };

/**
 * Asks before another user's session in this browser is replaced. The form goes to this page's own address, which holds the
 * token.
 */
export function ConfirmPage({ current, next }: Confirmation) {
  return (
    <SignInCard title="Sign in as someone else?">
      <p className="mt-3 text-pretty wrap-anywhere">
        <strong className="font-medium">{current.name}</strong> is signed in to {current.winery} in this
        browser. The link that you opened signs in <strong className="font-medium">{next.name}</strong> to{" "}
        {next.winery} instead, and signs {current.name} out.
      </p>
      <p className="mt-2 text-pretty text-secondary">
        If you did not mean to do that, stay signed in: another person may have sent you the link.
      </p>
      <div className="mt-6 flex flex-wrap gap-3">
        <Link to="/app" reloadDocument className={buttonClass()}>
          Stay signed in as {current.name}
        </Link>
        <form method="post">
          <Button type="submit" kind="quiet">
            Sign in as {next.name}
          </Button>
        </form>
      </div>
    </SignInCard>
  );
}

/** What a loader asks to be confirmed; undefined for any other error. */
export function confirmationOf(error: unknown): Confirmation | undefined {
  if (!isRouteErrorResponse(error)) return undefined;
  const { fault, current, next } = (error.data ?? {}) as Partial<Confirmation> & { fault?: string };
  return fault === "confirm" && current && next ? { current, next } : undefined;
}
