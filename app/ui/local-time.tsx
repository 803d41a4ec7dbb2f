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
  const utc = new Intl.DateTimeFormat("en-GB", { ...STYLES[style], timeZone: "UTC" }).format(atMs);
  return <time dateTime={new Date(atMs).toISOString()}>{local ?? `${utc} UTC`}</time>;
}
