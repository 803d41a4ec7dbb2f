import { Form } from "@remix-run/react";
import type { WinerySessions } from "~/lib/devices.server";
import { Button, buttonClass } from "./button";
import { EndForm, EndOne } from "./end-form";
import { Select } from "./field";
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
      <SignPersonOut sessions={sessions} currentId={currentId} />
      <SignEverybodyOut openSessions={openSessions} />
    </section>
  );
}

/** All sessions of somebody else; one's own have their buttons further up. */
function SignPersonOut({ sessions, currentId }: Pick<EverybodyProps, "sessions" | "currentId">) {
  const self = sessions.find(({ id }) => id === currentId)?.user.id;
  const people = new Map(sessions.map(({ user }) => [user.id, user.name]));
  if (self) people.delete(self);
  if (people.size === 0) return null;
  return (
    <Form method="post" action="/devices" className="mt-4 flex flex-wrap items-end gap-3">
      <input type="hidden" name="intent" value="end-person" />
      <div className="w-full sm:w-auto sm:max-w-xs sm:flex-1">
        <label htmlFor="person" className="mb-1 block text-sm text-secondary">
          One person, on every device
        </label>
        <Select id="person" name="userId">
          {[...people].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <Button type="submit" kind="quiet">
        Sign this person out
      </Button>
    </Form>
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
