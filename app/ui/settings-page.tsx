import { Form } from "@remix-run/react";
import { useEffect, useRef } from "react";
import type { ClientSettings, SettingsFaults } from "~/lib/client-settings.server";
import { Button } from "./button";
import { formatDuration } from "./duration";
import { Field, Input, Select } from "./field";
import { Icon } from "./icon";

type Result = { saved: true } | { saved: false; faults: SettingsFaults; typed: Record<string, string> };

type SettingsProps = {
  settings: ClientSettings;
  bounds: { min: number; max: number };
  defaultMaxAgeSeconds: number;
  result: Result | undefined;
  saving: boolean;
};

const LIFETIMES_SECONDS = [15, 30, 60, 120, 240, 480, 720, 1440].map((minutes) => minutes * 60);

/** What a winery sets for itself. After a fault it shows what was typed; after saving, what was kept. */
export function SettingsPage({ settings, bounds, defaultMaxAgeSeconds, result, saving }: SettingsProps) {
  const form = useRef<HTMLFormElement>(null);
  const faults: SettingsFaults = result?.saved === false ? result.faults : {};
  const shown = (field: keyof ClientSettings) =>
    result?.saved === false ? (result.typed[field] ?? "") : String(settings[field] ?? "");

  useEffect(() => {
    if (result?.saved === false) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [result]);

  return (
    <>
      <h1 className="text-3xl tracking-tight">Settings</h1>
      <p className="mt-2 text-secondary">They hold for everybody at your winery.</p>

      <Form method="post" ref={form} noValidate className="mt-8 rounded-card border border-card-line">
        <div className="divide-y divide-line">
          <Field
            name="contactEmail"
            label="Contact e-mail"
            hint="Where we write when something needs your attention."
            fault={faults.contactEmail}
          >
            {(control) => (
              <Input type="email" autoComplete="email" defaultValue={shown("contactEmail")} {...control} />
            )}
          </Field>

          <Field
            name="defaultTheme"
            label="Theme"
            hint="Used where Commerce7 does not say which theme its admin has."
            fault={faults.defaultTheme}
          >
            {(control) => (
              <Select defaultValue={shown("defaultTheme")} {...control}>
                <option value="">Automatic</option>
                <option value="light">Light</option>
                <option value="dark">Dark</option>
              </Select>
            )}
          </Field>

          <Field
            name="sessionMaxAgeSeconds"
            label="Session lifetime"
            hint="How long staff stay signed in before Libero asks Commerce7 again. Holds from the next sign-in on."
            fault={faults.sessionMaxAgeSeconds}
          >
            {(control) => (
              <Select defaultValue={shown("sessionMaxAgeSeconds")} {...control}>
                <option value="">Default ({formatDuration(defaultMaxAgeSeconds)})</option>
                {lifetimes(bounds, settings.sessionMaxAgeSeconds).map((seconds) => (
                  <option key={seconds} value={seconds}>
                    {formatDuration(seconds)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>

        <div className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-b-card border-t border-card-line bg-card p-5 sm:px-6">
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
  if (!result.saved) return <span className="text-error">Nothing was saved yet.</span>;
  return (
    <span className="flex items-center gap-1.5 text-success">
      <Icon name="check" className="size-4.5" />
      Settings saved.
    </span>
  );
}

function lifetimes(bounds: { min: number; max: number }, current: number | null): number[] {
  const offered = LIFETIMES_SECONDS.filter((seconds) => seconds >= bounds.min && seconds <= bounds.max);
  return [...new Set(current === null ? offered : [...offered, current])].sort((a, b) => a - b);
}
