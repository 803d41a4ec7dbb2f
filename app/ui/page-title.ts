import { faultTitle } from "./fault-page";

/** A route's `meta`: the page's title, or what stopped the page. */
export function pageTitle(title: string) {
  return ({ error }: { error?: unknown }) => [{ title: `${error ? faultTitle(error) : title} · Libero` }];
}
