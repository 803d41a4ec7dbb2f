import { useEffect, useRef } from "react";
import type { WinerySessions } from "~/lib/devices.server";
import type { Session, SessionSummary } from "~/lib/sessions.server";
import { EndForm, EndOne } from "./end-form";
import { EverybodySection } from "./everybody-section";
import { Icon } from "./icon";
import { SignInTable } from "./sign-in-table";

type DevicesProps = {
  session: Pick<Session, "id" | "tenantId">;
  own: SessionSummary[];
  /** For administrators alone. */
  winery: WinerySessions | null;
  ended: { count: number } | null;
};

/** Where one is signed in, and signing out there; for administrators, everybody at the winery. */
export function DevicesPage({ session, own, winery, ended }: DevicesProps) {
  return (
    <>
      <h1 className="text-3xl tracking-tight">Devices</h1>
      <p className="mt-2 text-pretty text-secondary">
        Every browser that is signed in to Libero. Whichever you sign out has to open Libero again from the
        Commerce7 admin.
      </p>
      <EndedNotice ended={ended} />
      <OwnSection currentId={session.id} own={own} />
      {winery && <EverybodySection currentId={session.id} tenantId={session.tenantId} {...winery} />}
    </>
  );
}

/** Says what was done, and takes the focus, which was on a button that is gone. */
function EndedNotice({ ended }: Pick<DevicesProps, "ended">) {
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (ended) notice.current?.focus();
  }, [ended]);
  return (
    <p
      role="status"
      ref={notice}
      tabIndex={-1}
      className={
        ended
          ? "mt-6 flex items-center gap-2 rounded-card border border-success/40 bg-success/10 px-5 py-3 font-medium text-success"
          : undefined
      }
    >
      {ended && (
        <>
          <Icon name="check" className="size-4.5" />
          {inWords(ended.count)}
        </>
      )}
    </p>
  );
}

function inWords(count: number): string {
  if (count === 0) return "No session was ended: there was none left to end.";
  return count === 1 ? "1 session was ended." : `${count} sessions were ended.`;
}

function OwnSection({ currentId, own }: { currentId: string; own: SessionSummary[] }) {
  const elsewhere = own.some(({ id }) => id !== currentId);
  return (
    <section aria-labelledby="own" className="mt-8">
      <h2 id="own" className="text-xl">
        Where you are signed in
      </h2>
      <p className="mt-1 text-sm text-pretty text-secondary">
        Something here that you do not know? Sign it out.
      </p>
      <SignInTable
        entries={own}
        currentId={currentId}
        labelledBy="own"
        by="device"
        action={(entry, name) => <EndOne entry={entry} name={name} />}
      />
      <div className="mt-4 flex flex-wrap gap-3">
        {elsewhere && <EndForm intent="end-others">Sign out everywhere else</EndForm>}
        <EndForm intent="end-own">Sign out everywhere</EndForm>
      </div>
    </section>
  );
}
