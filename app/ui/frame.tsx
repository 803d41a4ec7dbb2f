import { Form } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { Logo } from "./logo";

type FrameProps = {
  /** Where one can go from here. */
  nav?: ReactNode;
  /** Who is signed in, and as what. */
  name: string;
  rank: string;
  /** Where the way out posts to. */
  signOutAt: string;
  children: ReactNode;
};

/** What every signed-in page has around it: where one is, who one is, and a way out. */
export function Frame({ nav, name, rank, signOutAt, children }: FrameProps) {
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10 focus:rounded-control focus:bg-surface focus:px-4 focus:py-2.5 focus:font-medium focus:text-link"
      >
        Skip to content
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex max-w-5xl flex-wrap items-center gap-x-8 px-5 sm:px-8">
          <Logo />
          {nav}
          <div className="ml-auto flex min-w-0 items-center gap-4 py-3.5">
            <div className="hidden min-w-0 max-w-xs text-right text-sm leading-tight md:block">
              <div className="truncate font-medium">{name}</div>
              <div className="truncate text-secondary">{rank}</div>
            </div>
            <Form method="post" action={signOutAt}>
              <Button type="submit" kind="quiet" size="small">
                Sign out
              </Button>
            </Form>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-5xl px-5 py-8 outline-none sm:px-8 sm:py-10">
        {children}
      </main>
    </>
  );
}
