import { Form } from "@remix-run/react";
import { useEffect, useRef } from "react";
import type {
  ClientSettings,
  SessionBounds,
  SessionDefaults,
  SettingsConflict,
  SettingsFaults,
} from "~/lib/client-settings.server";
import { Button } from "./button";
import { Icon } from "./icon";
import { isSessionSetting, SessionFields, sayOfSession } from "./session-fields";
import type { SettingsForm } from "./settings-field";
import { sayOfWinery, WineryFields } from "./winery-fields";

type Result =
  | { saved: true }
  | {
      saved: false;
      faults: SettingsFaults;
      typed: Record<string, string>;
      conflict?: SettingsConflict;
    }
  /** The database did not answer. */
  | { saved: "unknown" };

type SettingsProps = {
  settings: ClientSettings;
  bounds: SessionBounds;
  defaults: SessionDefaults;
  /** Whether the user is an administrator. */
  mayChange: boolean;
  role: string | null;
  result: Result | undefined;
  saving: boolean;
};

/**
 * What a winery sets for itself. After a fault or a conflict it shows what was typed; after saving, what was kept. The form says
 * what each field was when it was shown, so that only what changed is saved.
 */
export function SettingsPage({ settings, bounds, defaults, mayChange, role, result, saving }: SettingsProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (result?.saved === false) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [result]);

  const failed = result?.saved === false ? result : undefined;
  const current = failed?.conflict?.current ?? settings;
  const state: SettingsForm = {
    faults: { ...failed?.faults, ...conflictFaults(failed?.conflict, defaults) },
    shown: (field) => (failed ? (failed.typed[field] ?? "") : String(settings[field] ?? "")),
  };
  return (
    <>
      <h1 className="text-3xl tracking-tight">Settings</h1>
      <p className="mt-2 text-secondary">They hold for everybody at your winery.</p>
      {!mayChange && <ReadOnlyNote role={role} />}

      <Form method="post" ref={form} noValidate>
        {(Object.keys(settings) as (keyof ClientSettings)[]).map((name) => (
          <input key={name} type="hidden" name={`shown:${name}`} value={String(current[name] ?? "")} />
        ))}
        {/* Fields keep what was typed: other settings, such as another administrator's, make new ones. */}
        <fieldset key={JSON.stringify(settings)} disabled={!mayChange}>
          <WineryFields form={state} />
          <SessionFields form={state} settings={settings} bounds={bounds} defaults={defaults} />
        </fieldset>
        {mayChange && (
          <div className="mt-6 flex flex-wrap items-center gap-x-5 gap-y-2">
            <Button type="submit">Save settings</Button>
            <p role="status" className="text-sm font-medium">
              <Status saving={saving} result={result} />
            </p>
          </div>
        )}
      </Form>
    </>
  );
}

function ReadOnlyNote({ role }: Pick<SettingsProps, "role">) {
  return (
    <p className="mt-6 flex gap-2 rounded-card border border-card-line p-4 text-sm text-pretty">
      <Icon name="lock" className="mt-px size-4.5 text-secondary" />
      <span>
        Only administrators can change these settings
        {role === null ? ", and Commerce7 names no role for you." : `. Your role at the winery is ${role}.`}
      </span>
    </p>
  );
}

/** What stands at each field that another administrator changed. */
function conflictFaults(conflict: SettingsConflict | undefined, defaults: SessionDefaults): SettingsFaults {
  if (!conflict) return {};
  const { fields, current } = conflict;
  const say = (field: keyof ClientSettings) =>
    isSessionSetting(field) ? sayOfSession(field, current, defaults) : sayOfWinery(field, current);
  return Object.fromEntries(
    fields.map((field) => [
      field,
      `Changed meanwhile to “${say(field)}”. Save again to replace that, or reload the page to keep it.`,
    ]),
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
