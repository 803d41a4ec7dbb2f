import type { ReactNode } from "react";
import type { ClientSettings, SettingsFaults } from "~/lib/client-settings.server";
import { Field, Select } from "./field";

type Name = keyof ClientSettings;

/** What the form shows at the moment, and what is wrong with it. */
export type SettingsForm = { shown: (field: Name) => string; faults: SettingsFaults };

/** Settings that belong together, under a heading. */
export function FieldGroup({ id, title, text, children }: GroupProps) {
  return (
    <section aria-labelledby={id} className="mt-8">
      <h2 id={id} className="text-xl">
        {title}
      </h2>
      <p className="mt-1 text-sm text-pretty text-secondary">{text}</p>
      <div className="mt-4 divide-y divide-line rounded-card border border-card-line">{children}</div>
    </section>
  );
}

type GroupProps = { id: string; title: string; text: string; children: ReactNode };

/** One setting that is chosen from a list, the first of which leaves the choice to the app. */
export function ChoiceField({ name, label, hint, form, unset, choices }: ChoiceProps) {
  return (
    <Field name={name} label={label} hint={hint} fault={form.faults[name]}>
      {(control) => (
        <Select defaultValue={form.shown(name)} {...control}>
          <option value="">{unset}</option>
          {choices.map(({ value, words }) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

export type Choice = { value: string | number; words: string };

type ChoiceProps = {
  name: Name;
  label: string;
  hint: string;
  form: SettingsForm;
  unset: string;
  choices: Choice[];
};
