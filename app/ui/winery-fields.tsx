import { Field, Input } from "./field";
import { ChoiceField, FieldGroup, type SettingsForm } from "./settings-field";

const THEMES = [
  { value: "light", words: "Light" },
  { value: "dark", words: "Dark" },
];

/** How to reach the winery, and how Libero looks there. */
export function WineryFields({ form }: { form: SettingsForm }) {
  return (
    <FieldGroup id="winery" title="Winery" text="How we reach you, and how Libero looks.">
      <Field
        name="contactEmail"
        label="Contact e-mail"
        hint="Where we write when something needs your attention."
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
        unset="Automatic"
        choices={THEMES}
      />
    </FieldGroup>
  );
}
