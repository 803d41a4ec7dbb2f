import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, it } from "vitest";
import { LocalTime } from "../../../app/ui/local-time";

const atMs = Date.UTC(2026, 10, 20, 23, 5, 7, 89);
const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

/** What the page says, and the moment in its markup. */
function render(style?: "time" | "date-time") {
  const html = renderToStaticMarkup(createElement(LocalTime, { atMs, style }));
  const [, moment, text] = /^<time [^>]*dateTime="([^"]*)"[^>]*>(.*)<\/time>$/.exec(html) ?? [];
  return { moment, text };
}

it.each(["UTC", "Pacific/Auckland", "America/Los_Angeles"])(
  "a server in %s says the time in UTC",
  (timeZone) => {
    process.env.TZ = timeZone;
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(timeZone);
    expect(render()).toEqual({ moment: "2026-11-20T23:05:07.089Z", text: "23:05 UTC" });
    expect(render("date-time").text).toBe("20 Nov, 23:05 UTC");
  },
);
