import { Link } from "@remix-run/react";
import type { SessionSummary } from "~/lib/sessions.server";
import { AwayNote } from "./away-note";
import { buttonClass } from "./button";
import { SignInTable } from "./sign-in-table";

type RecentProps = {
  /** The newest, as far as one may see them; null while the database is away. */
  entries: SessionSummary[] | null;
  currentId: string;
  seesEverybody: boolean;
  /** How many there are in all. */
  openSessions: number;
};

/** The newest sign-ins that one may see, or a note that they cannot be shown. */
export function RecentSignIns({ entries, currentId, seesEverybody, openSessions }: RecentProps) {
  return (
    <section aria-labelledby="recent" className="mt-10">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div>
          <h2 id="recent" className="text-xl">
            {seesEverybody ? "Recent sign-ins" : "Your recent sign-ins"}
          </h2>
          {entries && (
            <p className="mt-1 text-sm text-secondary">
              {seesEverybody &&
                entries.length < openSessions &&
                `The newest ${entries.length} of ${openSessions}. `}
              Whoever signs out leaves this list.
            </p>
          )}
        </div>
        {entries && (
          <Link to="/devices" className={buttonClass({ kind: "quiet", size: "small" })}>
            Manage devices
          </Link>
        )}
      </div>
      {entries ? (
        <SignInTable
          entries={entries}
          currentId={currentId}
          labelledBy="recent"
          by={seesEverybody ? "person" : "device"}
        />
      ) : (
        <AwayNote title="Sign-ins cannot be shown right now" />
      )}
    </section>
  );
}
