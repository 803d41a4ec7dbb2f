import type { WinerySessions } from "~/lib/devices.server";
import { buttonClass } from "./button";
import { EndForm, EndOne } from "./end-form";
import { SignInTable } from "./sign-in-table";

type EverybodyProps = WinerySessions & { currentId: string; tenantId: string };

/** For administrators: all open sessions of the winery. */
export function EverybodySection(props: EverybodyProps) {
  const { currentId, tenantId, sessions, openSessions, signedInUsers } = props;
  return (
    <section aria-labelledby="everybody" className="mt-12">
      <h2 id="everybody" className="text-xl wrap-anywhere">
        Everybody at {tenantId}
      </h2>
      <p className="mt-1 text-sm text-pretty text-secondary">
        {counted(signedInUsers, "person", "people")} in{" "}
        {counted(openSessions, "open session", "open sessions")}
        {sessions.length < openSessions && `; these are the newest ${sessions.length}`}. Only administrators
        see this.
      </p>
      <SignInTable
        entries={sessions}
        currentId={currentId}
        labelledBy="everybody"
        action={(entry, name) => <EndOne entry={entry} name={name} />}
      />
      <SignEverybodyOut openSessions={openSessions} />
    </section>
  );
}

/** Asks once more before it happens, without scripts too. */
function SignEverybodyOut({ openSessions }: { openSessions: number }) {
  return (
    <details className="group mt-4">
      <summary className={`${buttonClass({ kind: "quiet", size: "small" })} list-none`}>
        Sign everybody out…
      </summary>
      <div className="mt-3 rounded-card border border-error/40 bg-error/5 p-5">
        <p className="font-medium">Sign everybody out, yourself included?</p>
        <p className="mt-1 mb-4 text-sm text-pretty text-secondary">
          {openSessions === 1 ? "The one open session ends" : `All ${openSessions} open sessions end`} at
          once. What somebody is just typing is lost, and all have to open Libero again from the Commerce7
          admin.
        </p>
        <EndForm intent="end-winery" kind="danger">
          Yes, sign everybody out
        </EndForm>
      </div>
    </details>
  );
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
