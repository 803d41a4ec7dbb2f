import type { Chart } from "../measure/bench";
import { number } from "./results";

const WIDTH = 880;
const MARGIN = 24;
const HEAD = 76;
const ROW = 32;
const BAR = 18;
const FOOT = 44;
/** Room for a value at the end of the longest bar. */
const VALUE = 120;
/** Of a character of the font at 13 px, at its widest on average. */
const CHARACTER = 8.2;
const MOST_CHARACTERS = 44;
/** From here on the short bars would not be seen on a linear scale. */
const LOGARITHMIC_FROM = 30;

const STYLE = `
    .paper { fill: #ffffff } .value { stroke: #ffffff } .text { fill: #1f2328 } .quiet { fill: #59636e } .grid { stroke: #d1d9e0 }
    .bar { fill: #a8b3bd } .ours { fill: #7a1f3d } .name-of-ours { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .value { stroke: #0d1117 } .text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #30363d }
      .bar { fill: #59636e } .ours { fill: #e2678c }
    }
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
    .title { font-size: 16px; font-weight: 600 }
    .value { paint-order: stroke; stroke-width: 5px }`;

type Scale = { logarithmic: boolean; ticks: number[]; at(value: number): number };

/** Horizontal bars, readable in light and dark. */
export function chartSvg({ title, unit, bars }: Chart): string {
  const names = bars.map(({ name }) => cut(name));
  const left = MARGIN + Math.ceil(Math.max(0, ...names.map((name) => name.length)) * CHARACTER) + 14;
  const scale = scaleOf(
    bars.map(({ value }) => value),
    left,
    WIDTH - MARGIN - VALUE,
  );
  const bottom = HEAD + bars.length * ROW;
  const height = bottom + FOOT;
  const subtitle = `${unit}, ${scale.logarithmic ? "logarithmic scale" : "linear scale from 0"}`;
  const drawn = bars.map((bar, index) => drawBar(bar, names[index] as string, index, left, scale));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
  <title id="title">${escaped(title)}</title>
  <desc id="desc">${escaped(`${subtitle}. ${bars.map(({ name, value }) => `${name}: ${valueText(value)}`).join("; ")}.`)}</desc>
  <style>${STYLE}
  </style>
  <rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>
  <text class="text title" x="${MARGIN}" y="34">${escaped(title)}</text>
  <text class="quiet" x="${MARGIN}" y="56">${escaped(subtitle)}</text>
${scale.ticks.map((tick) => drawTick(tick, scale, bottom)).join("\n")}
${drawn.join("\n")}
</svg>
`;
}

function drawBar(
  { value, ours }: Chart["bars"][number],
  name: string,
  index: number,
  left: number,
  scale: Scale,
) {
  const top = HEAD + index * ROW + (ROW - BAR) / 2;
  const end = scale.at(value);
  const baseline = top + BAR - 4.5;
  return [
    `  <text class="text${ours ? " name-of-ours" : ""}" x="${left - 12}" y="${baseline}" text-anchor="end">${escaped(name)}</text>`,
    `  <rect class="${ours ? "ours" : "bar"}" x="${left}" y="${top}" width="${Math.max(1, end - left).toFixed(1)}" height="${BAR}" rx="2"/>`,
    `  <text class="text value${ours ? " name-of-ours" : ""}" x="${(Math.max(left + 1, end) + 8).toFixed(1)}" y="${baseline}">${valueText(value)}</text>`,
  ].join("\n");
}

function drawTick(tick: number, scale: Scale, bottom: number): string {
  const x = scale.at(tick).toFixed(1);
  return [
    `  <line class="grid" x1="${x}" y1="${HEAD - 4}" x2="${x}" y2="${bottom + 4}"/>`,
    `  <text class="quiet" x="${x}" y="${bottom + 22}" text-anchor="middle">${number(tick, 3)}</text>`,
  ].join("\n");
}

function scaleOf(values: number[], from: number, to: number): Scale {
  const most = Math.max(...values, Number.MIN_VALUE);
  const least = Math.min(...values.filter((value) => value > 0), most);
  if (most / least < LOGARITHMIC_FROM) {
    const at = (value: number) => from + (value / most) * (to - from);
    return { logarithmic: false, at, ticks: linearTicks(most) };
  }
  // Half a decade below the least, so that its bar is seen.
  const [first, last] = [Math.log10(least) - 0.5, Math.log10(most)];
  const at = (value: number) =>
    value > 0 ? from + ((Math.log10(value) - first) / (last - first)) * (to - from) : from;
  const decades = Math.floor(last) - Math.ceil(first) + 1;
  return {
    logarithmic: true,
    at,
    ticks: Array.from({ length: decades }, (_, index) => 10 ** (Math.ceil(first) + index)),
  };
}

/** About four of them, at round values. */
function linearTicks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

const cut = (name: string) =>
  name.length <= MOST_CHARACTERS ? name : `${name.slice(0, MOST_CHARACTERS - 1)}…`;

const valueText = (value: number) => number(value, value >= 10_000 ? 3 : 4);

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
