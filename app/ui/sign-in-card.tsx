import type { ReactNode } from "react";
import { Logo } from "./logo";

/** A page for whoever is not signed in: one card, with one thing to do. */
export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto max-w-lg px-5 py-8 sm:px-8 sm:py-14">
      <Logo />
      <div className="mt-6 rounded-card border border-card-line bg-card p-6 sm:p-8">
        <h1 className="text-2xl tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  );
}
