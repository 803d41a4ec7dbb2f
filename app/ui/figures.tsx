import type { ReactNode } from "react";

/** A row of figures: side by side, or on a phone one below the other. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <dl className="mt-8 grid auto-cols-fr divide-y divide-card-line rounded-card border border-card-line bg-card sm:grid-flow-col sm:divide-x sm:divide-y-0">
      {children}
    </dl>
  );
}

/** On a phone the label stands beside its figure, elsewhere above it. */
export function Figure({ label, note, children }: { label: string; note: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-4 px-5 py-3.5 sm:block sm:py-4.5">
      <dt className="text-sm text-secondary">{label}</dt>
      <dd className="row-span-2 text-2xl font-medium tracking-tight tabular-nums sm:mt-1">{children}</dd>
      <dd className="text-sm text-secondary sm:mt-0.5">{note}</dd>
    </div>
  );
}
