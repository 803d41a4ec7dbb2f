import { Form } from "@remix-run/react";
import type { Choice } from "~/lib/magic-link.server";
import { Icon } from "./icon";
import { SignInCard } from "./sign-in-card";

const HINTS = { operator: "The operator’s page", winery: "Your winery’s Libero" };

/** Where somebody may go who may go to several places. Nobody is signed in before they have chosen. */
export function ChoicePage({ email, rights }: Choice) {
  return (
    <SignInCard title="Where do you want to go?">
      <p className="mt-3 text-pretty wrap-anywhere text-secondary">
        {email} may open more than one place. Nobody is signed in before you choose.
      </p>
      <Form method="post" action="/magic" className="mt-6">
        <ul className="grid gap-3">
          {rights.map(({ name, kind, title }) => (
            <li key={name}>
              <button
                type="submit"
                name="right"
                value={name}
                className="group flex w-full cursor-pointer items-center gap-4 rounded-control border border-card-line bg-surface px-4 py-3 text-left transition-colors hover:border-field-line hover:bg-surface-secondary"
              >
                <span className="min-w-0 flex-1">
                  <span className="block font-medium wrap-anywhere">{title}</span>
                  <span className="block text-sm text-secondary">{HINTS[kind]}</span>
                </span>
                <Icon name="chevron" className="size-4.5 -rotate-90 text-secondary" />
              </button>
            </li>
          ))}
        </ul>
      </Form>
    </SignInCard>
  );
}
