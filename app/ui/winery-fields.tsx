import type { ClientSettings } from "~/lib/client-settings.server";
import { Field, Input } from "./field";
import { ChoiceField, FieldGroup, type SettingsForm } from "./settings-field";

const THEMES = [
  { value: "light", words: "Light" },
  { value: "dark", words: "Dark" },
];

const AUTOMATIC = "Automatic";

/** What a setting says, as the field or the list has it. */
export function sayOfWinery(name: "contactEmail" | "defaultTheme", settings: ClientSettings): string {
  if (name === "contactEmail") return settings.contactEmail ?? "no address";
  return THEMES.find(({ value }) => value === settings.defaultTheme)?.words ?? AUTOMATIC;
}

/** How to reach the winery, and how Libero looks there. */
export function WineryFields({ form }: { form: SettingsForm }) {
  return (
    <FieldGroup id="winery" title="Winery" text="An address for alerts, and how Libero looks.">
      <Field
        name="contactEmail"
        label="Contact e-mail"
        hint="Kept for alerts. Libero sends none yet."
        fault={form.faults.contactEmail}
      >
        {(control) => (
          <Input type="email" autoComplete="email" defaultValue={form.shown("contactEmail")} {...control} />
        )}
      </Field>
      <ChoiceField
        name="defaultTheme"
        label="Theme"
        hint="Used where Commerce7 does not say which theme its admin has."
        form={form}
        unset={AUTOMATIC}
        choices={THEMES}
      />
    </FieldGroup>
  );
}
