import type { Theme } from "../types";
import { html } from "./html";
import { document, topBar } from "./layout";

/** A page that says one thing, such as that there is no such winery, and leads back to the overview. */
export function messagePage(theme: Theme, title: string, text: string): string {
  return document(
    theme,
    title,
    html`${topBar(theme, undefined)}
<main class="narrow">
  <h1>${title}</h1>
  <p class="lead message">${text}</p>
  <p><a class="button" href="/">All wineries</a></p>
</main>`,
  );
}
