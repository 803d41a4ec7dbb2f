import { Form, NavLink } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Session } from "~/lib/sessions.server";
import { Button } from "./button";
import { Logo } from "./logo";

type ShellProps = { winery: string; user: Session["user"]; children: ReactNode };

/** What every signed-in page has around it: where one is, who one is, and a way out. */
export function Shell({ winery, user, children }: ShellProps) {
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10 focus:rounded-control focus:bg-surface focus:px-4 focus:py-2.5 focus:font-medium focus:text-link"
      >
        Skip to content
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-8 px-5 sm:px-8">
          <Logo />
          <nav
            aria-label="Main"
            className="order-last -mb-px flex w-full gap-6 sm:order-none sm:w-auto sm:self-stretch"
          >
            <Tab to="/app">Overview</Tab>
            <Tab to="/devices">Devices</Tab>
            <Tab to="/settings">Settings</Tab>
          </nav>
          <div className="ml-auto flex min-w-0 items-center gap-4 py-3.5">
            <div className="hidden min-w-0 max-w-xs text-right text-sm leading-tight md:block">
              <div className="truncate font-medium">{user.name}</div>
              <div className="truncate text-secondary">{user.role ?? winery}</div>
            </div>
            <Form method="post" action="/logout">
              <Button type="submit" kind="quiet" size="small">
                Sign out
              </Button>
            </Form>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-5xl px-5 py-8 outline-none sm:px-8 sm:py-10">
        {children}
      </main>
    </>
  );
}

function Tab({ to, children }: { to: string; children: ReactNode }) {
  const look = ({ isActive }: { isActive: boolean }) =>
    `flex items-center border-b-2 pt-1 pb-3 font-medium transition-colors sm:py-0 ${
      isActive
        ? "border-primary text-text"
        : "border-transparent text-secondary hover:border-field-line hover:text-text"
    }`;
  return (
    <NavLink to={to} className={look}>
      {children}
    </NavLink>
  );
}
