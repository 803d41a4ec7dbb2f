/** Figures as people read them. */

const withThousands = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Three significant digits, up to a thousand. */
const short = (value: number) => (value >= 100 ? withThousands.format(value) : String(+value.toPrecision(3)));

/** As it is set in print: U+2212, and not a hyphen. */
const minus = (text: string) => text.replace("-", "−");

export const count = (value: number) => minus(withThousands.format(value));

export const perSecond = (value: number) => `${withThousands.format(+value.toPrecision(3))}/s`;

export const times = (ratio: number) => `${short(ratio)} ×`;

export const percent = (value: number) => `${minus(value.toFixed(1))} %`;

export function duration(us: number): string {
  if (us >= 1_000_000) return `${short(us / 1_000_000)} s`;
  return us >= 1_000 ? `${short(us / 1_000)} ms` : `${short(us)} µs`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${short(value / 1_000 ** power)} ${units[power]}`;
}
