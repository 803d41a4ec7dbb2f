/** Seconds in words, to the minute: like "30 days", "8 hours", "90 minutes" or "12 hours 5 minutes". */
export function formatDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (minutes >= 48 * 60) return inWords([Math.floor(hours / 24), "day"], [hours % 24, "hour"]);
  if (minutes >= 120 || minutes === 60)
    return inWords([Math.floor(minutes / 60), "hour"], [minutes % 60, "minute"]);
  return inWords([minutes, "minute"]);
}

function inWords(...parts: [amount: number, unit: string][]): string {
  return parts
    .filter(([amount], index) => amount > 0 || index === 0)
    .map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? "" : "s"}`)
    .join(" ");
}
