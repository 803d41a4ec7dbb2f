import type { Dashboard, Figures as FiguresNow } from "~/lib/operator-figures.server";
import { AwayNote } from "./away-note";
import { buttonClass } from "./button";
import { EndingsTable } from "./endings-table";
import { Figure, Figures } from "./figures";
import { Frame } from "./frame";
import { LocalTime } from "./local-time";
import { SignInTable } from "./sign-in-table";
import { StoresTable } from "./stores-table";

type OperatorProps = Dashboard & { email: string };

/** For the operator: figures over all wineries, how the stores are, why sessions ended, and who came last. */
export function OperatorPage({ email, readAtMs, sessions, stores, storage }: OperatorProps) {
  return (
    <Frame name={email} rank="Operator" signOutAt="/operator">
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-3xl tracking-tight">All wineries</h1>
          <p className="mt-2 text-secondary wrap-anywhere">
            You are signed in as <strong className="font-medium text-text">{email}</strong>, an operator.
          </p>
        </div>
        <p className="flex items-center gap-4 text-sm text-secondary">
          <span>
            As of <LocalTime atMs={readAtMs} />
          </span>
          {/* biome-ignore lint/a11y/useValidAnchor: an empty address is this page's own; it is loaded anew, scripts or not */}
          <a href="" className={buttonClass({ kind: "quiet", size: "small" })}>
            Read again
          </a>
        </p>
      </div>

      {sessions ? <Totals {...sessions.figures} /> : <AwayNote title="Figures cannot be shown right now" />}
      <StoresTable stores={stores} storage={storage} />
      {sessions && (
        <>
          <EndingsTable {...sessions.figures.endings} />
          <Newest {...sessions} />
        </>
      )}
    </Frame>
  );
}

function Totals({ active, users, clients, meanIdleMinutes, total, expired }: FiguresNow) {
  return (
    <Figures>
      <Figure label="Active sessions" note={`Of ${counted(users, "person", "people")}`}>
        {active}
      </Figure>
      <Figure label="Wineries" note="With an active session">
        {clients}
      </Figure>
      <Figure label="Mean idle time" note="Of active sessions">
        {meanIdleMinutes.toFixed(1)} min
      </Figure>
      <Figure label="Sessions in the store" note={`${expired} expired, not cleaned up yet`}>
        {total}
      </Figure>
    </Figures>
  );
}

function Newest({ newest, figures }: NonNullable<Dashboard["sessions"]>) {
  return (
    <section aria-labelledby="newest" className="mt-10">
      <h2 id="newest" className="text-xl">
        Newest sign-ins
      </h2>
      <p className="mt-1 text-sm text-secondary">
        {newest.length === 0
          ? "Nobody is signed in anywhere."
          : `${newest.length < figures.active ? `The newest ${newest.length} of ${figures.active}. ` : ""}Whoever signs out leaves this list.`}
      </p>
      {newest.length > 0 && <SignInTable entries={newest} labelledBy="newest" namesWinery />}
    </section>
  );
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
