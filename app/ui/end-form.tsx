import { Form } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Ending } from "~/lib/devices.server";
import type { SessionSummary } from "~/lib/sessions.server";
import { Button } from "./button";

type EndFormProps = {
  intent: Ending["intent"];
  sessionId?: string;
  kind?: "danger" | "quiet";
  children: ReactNode;
};

/** A button that ends sessions, with scripts and without. */
export function EndForm({ intent, sessionId, kind = "quiet", children }: EndFormProps) {
  return (
    <Form method="post" action="/devices">
      <input type="hidden" name="intent" value={intent} />
      {sessionId && <input type="hidden" name="sessionId" value={sessionId} />}
      <Button type="submit" kind={kind} size="small">
        {children}
      </Button>
    </Form>
  );
}

/** The button in a row of the table; whoever does not see the row hears which one it is. */
export function EndOne({ entry, name }: { entry: SessionSummary; name: string }) {
  return (
    <EndForm intent="end" sessionId={entry.id}>
      Sign out<span className="sr-only">&nbsp;{name}</span>
    </EndForm>
  );
}
