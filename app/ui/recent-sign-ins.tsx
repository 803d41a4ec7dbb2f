import { Link } from "@remix-run/react";
import type { SessionSummary } from "~/lib/sessions.server";
import { buttonClass } from "./button";
import { Icon } from "./icon";
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
        <AwayNote />
      )}
    </section>
  );
}

/** The rest of the page stands without the database, so this is a note beside it and no alarm. */
function AwayNote() {
  return (
    <div className="mt-4 rounded-card border border-card-line bg-card p-5 sm:flex sm:items-center sm:justify-between sm:gap-8">
      <div className="flex gap-3.5">
        <Icon name="warning" className="mt-0.5 size-5 text-warning" />
        <div role="status" className="text-balance">
          <p className="font-medium">Sign-ins cannot be shown right now</p>
          <p className="mt-1 text-sm text-secondary">
            Our database does not answer. You stay signed in, and nothing that was saved is lost. This usually
            passes within a minute.
          </p>
        </div>
      </div>
      <p className="mt-4 ml-8.5 sm:m-0">
        {/* biome-ignore lint/a11y/useValidAnchor: an empty address is this page's own; it is loaded anew, scripts or not */}
        <a href="" className={buttonClass({ kind: "quiet", size: "small" })}>
          Try again
        </a>
      </p>
    </div>
  );
}
