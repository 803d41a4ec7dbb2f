import type { ComponentProps, ReactNode } from "react";
import { Icon } from "./icon";

const CONTROL =
  "block h-[46px] w-full rounded-control border border-field-line bg-surface px-3 text-text transition-colors hover:border-secondary aria-invalid:border-error disabled:cursor-default disabled:border-line disabled:bg-transparent disabled:text-secondary";

type ControlProps = { id: string; name: string; "aria-invalid"?: true; "aria-describedby": string };

type FieldProps = {
  name: string;
  label: string;
  hint: string;
  fault: string | undefined;
  children: (control: ControlProps) => ReactNode;
};

/** One setting: what it is and what it does, and the control for it with what is wrong with its value. */
export function Field({ name, label, hint, fault, children }: FieldProps) {
  const control: ControlProps = {
    id: name,
    name,
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": `${fault ? `${name}-fault ` : ""}${name}-hint`,
  };
  return (
    <div className="grid gap-x-10 gap-y-3 p-5 sm:px-6 md:grid-cols-[minmax(0,1fr)_22rem]">
      <div>
        <label htmlFor={name} className="font-medium">
          {label}
        </label>
        <p id={`${name}-hint`} className="mt-1 text-sm text-pretty text-secondary">
          {hint}
        </p>
      </div>
      <div>
        {children(control)}
        {fault && (
          <p id={`${name}-fault`} className="mt-2 flex gap-1.5 text-sm text-pretty text-error">
            <Icon name="warning" className="mt-0.5 size-4" />
            {fault}
          </p>
        )}
      </div>
    </div>
  );
}

export function Input(props: ComponentProps<"input">) {
  return <input className={CONTROL} {...props} />;
}

export function Select(props: ComponentProps<"select">) {
  return (
    <span className="relative block">
      <select className={`${CONTROL} cursor-pointer appearance-none pr-10`} {...props} />
      <Icon
        name="chevron"
        className="pointer-events-none absolute top-1/2 right-3 size-4.5 -translate-y-1/2 text-secondary"
      />
    </span>
  );
}
