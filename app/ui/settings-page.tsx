import { Form } from "@remix-run/react";
import { useEffect, useRef } from "react";
import type {
  ClientSettings,
  SessionBounds,
  SessionDefaults,
  SettingsFaults,
} from "~/lib/client-settings.server";
import { Button } from "./button";
import { Icon } from "./icon";
import { SessionFields } from "./session-fields";
import type { SettingsForm } from "./settings-field";
import { WineryFields } from "./winery-fields";

type Result =
  | { saved: true }
  | { saved: false; faults: SettingsFaults; typed: Record<string, string> }
  /** The database did not answer. */
  | { saved: "unknown" };

type SettingsProps = {
  settings: ClientSettings;
  bounds: SessionBounds;
  defaults: SessionDefaults;
  result: Result | undefined;
  saving: boolean;
};

/** What a winery sets for itself. After a fault it shows what was typed; after saving, what was kept. */
export function SettingsPage({ settings, bounds, defaults, result, saving }: SettingsProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (result?.saved === false) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [result]);

  const state: SettingsForm = {
    faults: result?.saved === false ? result.faults : {},
    shown: (field) => (result?.saved === false ? (result.typed[field] ?? "") : String(settings[field] ?? "")),
  };
  return (
    <>
      <h1 className="text-3xl tracking-tight">Settings</h1>
      <p className="mt-2 text-secondary">They hold for everybody at your winery.</p>

      <Form method="post" ref={form} noValidate>
        <WineryFields form={state} />
        <SessionFields form={state} settings={settings} bounds={bounds} defaults={defaults} />
        <div className="mt-6 flex flex-wrap items-center gap-x-5 gap-y-2">
          <Button type="submit">Save settings</Button>
          <p role="status" className="text-sm font-medium">
            <Status saving={saving} result={result} />
          </p>
        </div>
      </Form>
    </>
  );
}

function Status({ saving, result }: Pick<SettingsProps, "saving" | "result">) {
  if (saving) return <span className="text-secondary">Saving…</span>;
  if (!result) return null;
  if (result.saved === "unknown") {
    return (
      <span className="flex items-center gap-1.5 text-warning">
        <Icon name="warning" className="size-4.5" />
        Our database does not answer right now. Save again in a minute.
      </span>
    );
  }
  if (!result.saved) return <span className="text-error">Nothing was saved yet.</span>;
  return (
    <span className="flex items-center gap-1.5 text-success">
      <Icon name="check" className="size-4.5" />
      Settings saved.
    </span>
  );
}
