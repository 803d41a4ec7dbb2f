import { Link } from "@remix-run/react";
import { buttonClass } from "./button";
import { Logo } from "./logo";

const STEPS = [
  { title: "Sign in to Commerce7", text: "Open your winery's admin, as you do every day." },
  {
    title: "Go to Apps, then Libero",
    text: "Not there yet? An owner installs it in the Commerce7 app store.",
  },
  { title: "Get to work", text: "Libero knows you from Commerce7: no further password, nothing to set up." },
];

/** What Libero is and how to open it: where visitors without a session land. */
export function LandingPage({ signedInTo }: { signedInTo: string | null }) {
  return (
    <main className="mx-auto max-w-4xl px-5 py-10 sm:px-8 sm:py-16">
      <Logo />
      <h1 className="mt-10 max-w-2xl text-4xl tracking-tight sm:text-5xl">
        Your winery's app, inside Commerce7
      </h1>
      <p className="mt-4 max-w-2xl text-lg text-secondary">
        Libero opens in the Commerce7 admin and keeps your staff signed in for as long as they work, and not a
        minute longer.
      </p>

      {signedInTo && (
        <p className="mt-8">
          <Link to="/app" className={buttonClass()}>
            Go on to {signedInTo}
          </Link>
        </p>
      )}

      <h2 className="mt-12 text-xl">How to open Libero</h2>
      <ol className="mt-4 grid gap-4 sm:grid-cols-3">
        {STEPS.map(({ title, text }, index) => (
          <li key={title} className="rounded-card border border-card-line bg-card p-5">
            <span aria-hidden="true" className="text-sm font-medium text-link tabular-nums">
              {index + 1}
            </span>
            <h3 className="mt-2 font-medium">{title}</h3>
            <p className="mt-1 text-sm text-secondary">{text}</p>
          </li>
        ))}
      </ol>
      <p className="mt-8 text-sm text-secondary">
        Signed out, or away for long? Open Libero again from the Commerce7 admin.
      </p>
    </main>
  );
}
