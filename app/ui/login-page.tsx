import { Form, Link } from "@remix-run/react";
import { Button, buttonClass } from "./button";
import { Input } from "./field";
import { Icon } from "./icon";
import { SignInCard } from "./sign-in-card";

export type LoginPageProps = {
  /** Without a place for mail, or in the admin's frame, there is no form. */
  shows: "form" | "sent" | "no-mail" | "framed";
  /** What was typed, and what is wrong with it. */
  refused?: { email: string; fault: string };
  sending: boolean;
};

/** Asks for the address that a link goes to; says afterwards, to everybody the same, that one may be on its way. */
export function LoginPage({ shows, refused, sending }: LoginPageProps) {
  switch (shows) {
    case "form":
      return <LoginForm refused={refused} sending={sending} />;
    case "sent":
      return <Sent />;
    case "no-mail":
      return <NoMail />;
    case "framed":
      return <Framed />;
  }
}

function LoginForm({ refused, sending }: Pick<LoginPageProps, "refused" | "sending">) {
  return (
    <SignInCard title="Sign in by e-mail">
      <p className="mt-3 text-pretty text-secondary">
        For when you are not in the Commerce7 admin. We send a link to the address that you have in Commerce7.
      </p>
      <Form method="post" action="/login" className="mt-6">
        <label htmlFor="email" className="font-medium">
          E-mail address
        </label>
        <div className="mt-1.5">
          <Input
            id="email"
            name="email"
            type="email"
            autoComplete="email"
            required
            maxLength={254}
            defaultValue={refused?.email}
            aria-invalid={refused ? true : undefined}
            aria-describedby={refused ? "email-fault" : undefined}
          />
        </div>
        {refused && (
          <p id="email-fault" role="alert" className="mt-2 flex gap-1.5 text-sm text-pretty text-error">
            <Icon name="warning" className="mt-0.5 size-4" />
            {refused.fault}
          </p>
        )}
        <div className="mt-6 flex flex-wrap items-center gap-x-6 gap-y-4">
          <Button type="submit" disabled={sending}>
            Send me a link
          </Button>
          <Link to="/" className={TEXT_LINK}>
            How to open Libero
          </Link>
        </div>
      </Form>
    </SignInCard>
  );
}

function Sent() {
  return (
    <SignInCard title="Look into your mailbox">
      <p role="status" className="mt-3 text-pretty">
        If this address is known, a link is on its way. Open it in this browser within ten minutes.
      </p>
      <p className="mt-2 text-pretty text-secondary">
        Nothing there? Look among the spam, and make sure that it is the address that you have in Commerce7.
        If you ask once more, only the newest link works.
      </p>
      <p className="mt-6">
        <Link to="/login" className={buttonClass({ kind: "quiet" })}>
          Ask for another link
        </Link>
      </p>
    </SignInCard>
  );
}

function NoMail() {
  return (
    <SignInCard title="Signing in by e-mail is not set up">
      <p className="mt-3 text-pretty">This Libero sends no mail, so there are no links to sign in with.</p>
      <p className="mt-2 text-pretty text-secondary">Open it from the Commerce7 admin, as every day.</p>
      <p className="mt-6">
        <Link to="/" className={buttonClass({ kind: "quiet" })}>
          How to open Libero
        </Link>
      </p>
    </SignInCard>
  );
}

/** Inside another site's page, browsers do not send the cookie that ties a link to this browser. */
function Framed() {
  return (
    <SignInCard title="Sign in by e-mail">
      <p className="mt-3 text-pretty">This works in a tab of its own, outside the Commerce7 admin.</p>
      <p className="mt-2 text-pretty text-secondary">
        Inside the admin you need no link: open Libero there again, and you are signed in.
      </p>
      <p className="mt-6">
        <a href="/login" target="_blank" rel="noopener" className={buttonClass()}>
          Open in a new tab
        </a>
      </p>
    </SignInCard>
  );
}

const TEXT_LINK = "text-link underline underline-offset-4 hover:decoration-2";
