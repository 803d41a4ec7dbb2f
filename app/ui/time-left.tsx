import { useEffect, useState } from "react";
import { formatDuration } from "./duration";

const MINUTE_MS = 60_000;

/** How long until a session ends, kept up to date; until the browser's clock is known, how long it lasts in all. */
export function TimeLeft({ fromMs, untilMs }: { fromMs: number; untilMs: number }) {
  const [nowMs, setNowMs] = useState<number>();
  useEffect(() => {
    const tick = () => setNowMs(Date.now());
    tick();
    const timer = setInterval(tick, MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, []);
  if (nowMs === undefined) return <>After {formatDuration((untilMs - fromMs) / 1_000)}</>;
  return <>{inWords(untilMs - nowMs)}</>;
}

function inWords(leftMs: number): string {
  if (leftMs <= 0) return "Open Libero again from Commerce7";
  const minutes = Math.floor(leftMs / MINUTE_MS);
  if (minutes === 0) return "In less than a minute";
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `In ${[hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(" ")}`;
}
