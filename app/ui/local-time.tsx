import { useEffect, useState } from "react";

type LocalTimeProps = { atMs: number; style?: "time" | "date-time" };

const STYLES: Record<NonNullable<LocalTimeProps["style"]>, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit" },
  "date-time": { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};

/** A moment in the reader's own time zone; in UTC until the browser has said which that is. */
export function LocalTime({ atMs, style = "time" }: LocalTimeProps) {
  const [local, setLocal] = useState<string>();
  useEffect(() => setLocal(new Intl.DateTimeFormat(undefined, STYLES[style]).format(atMs)), [atMs, style]);
  return <time dateTime={new Date(atMs).toISOString()}>{local ?? utc(atMs, style)}</time>;
}

/** Written by hand: what `Intl` writes differs between the server's and the browser's releases, and React minds. */
function utc(atMs: number, style: NonNullable<LocalTimeProps["style"]>): string {
  const [, day, month, time] = /, (\d+) (\w+) \d+ (\d+:\d+)/.exec(new Date(atMs).toUTCString()) ?? [];
  return style === "time" ? `${time} UTC` : `${Number(day)} ${month}, ${time} UTC`;
}
