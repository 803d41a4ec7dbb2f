import { Form } from "@remix-run/react";
import { type ComponentProps, type ReactNode, useEffect, useRef } from "react";
import type { ClientSettings, SettingsFaults } from "~/lib/client-settings.server";
import { Button } from "./button";
import { formatDuration } from "./duration";

type Result = { saved: true } | { saved: false; faults: SettingsFaults; typed: Record<string, string> };

type SettingsProps = {
  settings: ClientSettings;
  bounds: { min: number; max: number };
  defaultMaxAgeSeconds: number;
  result: Result | undefined;
  saving: boolean;
};

const LIFETIMES_SECONDS = [15, 30, 60, 120, 240, 480, 720, 1440].map((minutes) => minutes * 60);

const CONTROL =
  "mt-1.5 block h-[46px] w-full rounded-control border border-field-line bg-surface px-3 text-text aria-invalid:border-error";

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

      <Form method="post" ref={form} noValidate className="mt-8 max-w-xl space-y-6">
        <Field
          name="contactEmail"
          label="Contact e-mail"
          hint="Where we write when something needs your attention."
          fault={faults.contactEmail}
        >
          {(field) => (
            <input type="email" autoComplete="email" defaultValue={shown("contactEmail")} {...field} />
          )}
        </Field>

        <Field
          name="defaultTheme"
          label="Theme"
          hint="Used where Commerce7 does not say which theme its admin has."
          fault={faults.defaultTheme}
        >
          {(field) => (
            <select defaultValue={shown("defaultTheme")} {...field}>
              <option value="">Automatic</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
            </select>
          )}
        </Field>

        <Field
          name="sessionMaxAgeSeconds"
          label="Session lifetime"
          hint="How long staff stay signed in before Libero asks Commerce7 again. Holds from the next sign-in on."
          fault={faults.sessionMaxAgeSeconds}
        >
          {(field) => (
            <select defaultValue={shown("sessionMaxAgeSeconds")} {...field}>
              <option value="">Default ({formatDuration(defaultMaxAgeSeconds)})</option>
              {lifetimes(bounds, settings.sessionMaxAgeSeconds).map((seconds) => (
                <option key={seconds} value={seconds}>
                  {formatDuration(seconds)}
                </option>
              ))}
            </select>
          )}
        </Field>

        <div className="flex items-center gap-4">
          <Button type="submit" disabled={saving}>
            {saving ? "Saving…" : "Save settings"}
          </Button>
          <p role="status" className="text-sm font-medium text-success">
            {result?.saved && !saving && "Settings saved."}
          </p>
        </div>
      </Form>
    </>
  );
}

function lifetimes(bounds: { min: number; max: number }, current: number | null): number[] {
  const offered = LIFETIMES_SECONDS.filter((seconds) => seconds >= bounds.min && seconds <= bounds.max);
  return [...new Set(current === null ? offered : [...offered, current])].sort((a, b) => a - b);
}

type FieldProps = {
  name: keyof ClientSettings;
  label: string;
  hint: string;
  fault: string | undefined;
  children: (field: ComponentProps<"input"> & ComponentProps<"select">) => ReactNode;
};

function Field({ name, label, hint, fault, children }: FieldProps) {
  return (
    <div>
      <label htmlFor={name} className="font-medium">
        {label}
      </label>
      {children({
        id: name,
        name,
        className: CONTROL,
        "aria-invalid": fault ? true : undefined,
        "aria-describedby": `${name}-hint`,
      })}
      <p id={`${name}-hint`} className={`mt-1.5 text-sm ${fault ? "text-error" : "text-secondary"}`}>
        {fault ?? hint}
      </p>
    </div>
  );
}
