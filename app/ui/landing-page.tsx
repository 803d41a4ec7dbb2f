import { Link } from "@remix-run/react";
import { buttonClass } from "./button";
import { Logo } from "./logo";

const STEPS = [
  { title: "Sign in to Commerce7", text: "Open your winery’s admin, as you do every day." },
  {
    title: "Go to Apps, then Libero",
    text: "Not there yet? An owner installs it in the Commerce7 app store.",
  },
  { title: "Get to work", text: "Libero knows you from Commerce7: no further password, nothing to set up." },
];

type LandingPageProps = { signedInTo: string | null; offersLinks: boolean };

/** What Libero is and how to open it: where visitors without a session land. */
export function LandingPage({ signedInTo, offersLinks }: LandingPageProps) {
  return (
    <main className="mx-auto max-w-4xl px-5 py-8 sm:px-8 sm:py-14">
      <Logo />
      <h1 className="mt-10 max-w-2xl text-3xl tracking-tight sm:text-4xl">
        Your winery’s app, inside Commerce7
      </h1>
      <p className="mt-3 max-w-xl text-lg text-pretty text-secondary">
        Libero opens in the Commerce7 admin and keeps your staff signed in for as long as they work, and not a
        minute longer.
      </p>

      {signedInTo && <GoOn tenantId={signedInTo} />}

      <h2 className="mt-10 text-xl">How to open Libero</h2>
      <p className="mt-1 text-secondary">
        Signed out, or away for long? Open it again from the Commerce7 admin.
      </p>
      <ol className="mt-5 grid gap-4 sm:grid-cols-3">
        {STEPS.map(({ title, text }, index) => (
          <li key={title} className="rounded-card border border-card-line bg-card p-5">
            <span
              aria-hidden="true"
              className="grid size-7 place-items-center rounded-full border border-card-line bg-surface text-sm font-medium text-link"
            >
              {index + 1}
            </span>
            <h3 className="mt-3 font-medium">{title}</h3>
            <p className="mt-1 text-sm text-pretty text-secondary">{text}</p>
          </li>
        ))}
      </ol>

      {offersLinks && (
        <p className="mt-8 text-sm text-secondary">
          Not in the admin?{" "}
          {/* Not a <Link>: what the page may show depends on where it is opened, and that a document's request tells. */}
          <a href="/login" className="text-link underline underline-offset-4 hover:decoration-2">
            Sign in by e-mail
          </a>
        </p>
      )}
    </main>
  );
}

function GoOn({ tenantId }: { tenantId: string }) {
  return (
    <div className="mt-8 flex flex-wrap items-center justify-between gap-4 rounded-card border border-card-line bg-card p-5 sm:px-6">
      <p className="min-w-0 wrap-anywhere">
        You are signed in to <strong className="font-medium">{tenantId}</strong>.
      </p>
      <Link to="/app" className={buttonClass()}>
        Open the overview
      </Link>
    </div>
  );
}
