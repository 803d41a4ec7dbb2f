import { NavLink } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Session } from "~/lib/sessions.server";
import { Frame } from "./frame";

type ShellProps = { winery: string; user: Session["user"]; children: ReactNode };

/** What every page of a winery's has around it. */
export function Shell({ winery, user, children }: ShellProps) {
  return (
    <Frame nav={<Tabs />} name={user.name} rank={user.role ?? winery} signOutAt="/logout">
      {children}
    </Frame>
  );
}

function Tabs() {
  return (
    <nav
      aria-label="Main"
      className="order-last -mb-px flex w-full gap-6 sm:order-none sm:w-auto sm:self-stretch"
    >
      <Tab to="/app">Overview</Tab>
      <Tab to="/devices">Devices</Tab>
      <Tab to="/settings">Settings</Tab>
    </nav>
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
