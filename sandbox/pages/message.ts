import type { SandboxParts } from "../express-app";
import { html } from "./html";
import { document, topBar } from "./layout";

/** A page that says one thing, such as that there is no such winery, and leads back to the overview. */
export function messagePage(
  parts: Pick<SandboxParts, "state" | "mails">,
  title: string,
  text: string,
): string {
  return document(
    parts.state.theme(),
    title,
    html`${topBar(parts)}
<main class="narrow">
  <h1>${title}</h1>
  <p class="lead message">${text}</p>
  <p><a class="button" href="/">All wineries</a></p>
</main>`,
  );
}
