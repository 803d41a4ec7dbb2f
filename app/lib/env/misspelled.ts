import { distance } from "fastest-levenshtein";
import { variables } from "./variables";

const OURS = Object.keys(variables.shape);

/** Words at the end of a name that say what it is counted in, or for how long. */
const UNITS = new Set(
  "S SEC SECS SECOND SECONDS MS MILLISECONDS MINUTE MINUTES MIN MINS HOUR HOURS DAY DAYS PER BYTES KB MB MEGABYTES".split(
    " ",
  ),
);

/**
 * Names variables of the environment that were probably meant for Libero, with the ones that were meant. Other programs have
 * variables there as well, under the same prefixes (SUPABASE_ACCESS_TOKEN), so that a prefix alone says nothing. Never reads a
 * value but to see whether there is one.
 */
export function misspelledVariables(source: NodeJS.ProcessEnv): string[] {
  const isSet = (name: string) => Boolean(source[name]?.trim());
  const others = Object.keys(source).filter((name) => !OURS.includes(name) && isSet(name));
  return others.flatMap((name) => {
    const meant = typoOf(name) ?? sameButUnit(name) ?? shortened(name, (ours) => !isSet(ours));
    return meant ? [`${printable(name)} is not a variable of Libero; did you mean ${meant}?`] : [];
  });
}

/** One wrong letter in short names, two in longer ones; none in the shortest, which many programs have. */
function typoOf(name: string): string | undefined {
  const upper = name.toUpperCase();
  return nearest(upper, OURS, (ours) => {
    const allowed = ours.length >= 12 ? 2 : ours.length >= 8 ? 1 : 0;
    // DATABASE2_URL has its number on purpose.
    return digitsIn(upper) <= digitsIn(ours) && distance(upper, ours) <= allowed;
  });
}

const digitsIn = (name: string) => name.replaceAll(/\D/g, "").length;

/** SESSION_MAX_AGE and SESSION_MAX_AGE_MS for SESSION_MAX_AGE_SECONDS. */
function sameButUnit(name: string): string | undefined {
  const stem = withoutUnit(name);
  if (!stem.includes("_")) return undefined;
  return nearest(name, OURS, (ours) => stem === withoutUnit(ours));
}

function withoutUnit(name: string): string {
  const words = name.toUpperCase().split("_");
  while (UNITS.has(words.at(-1) as string)) words.pop();
  return words.join("_");
}

/** COMMERCE7_USERNAME for COMMERCE7_INSTALL_USERNAME: at most two words left out, not the first. */
function shortened(name: string, candidate: (ours: string) => boolean): string | undefined {
  const words = name.toUpperCase().split("_");
  return nearest(name, OURS, (ours) => {
    const all = ours.split("_");
    if (words.length < 2 || words[0] !== all[0] || all.length - words.length > 2) return false;
    let found = 0;
    for (const word of all) if (word === words[found]) found += 1;
    return found === words.length && candidate(ours);
  });
}

function nearest(name: string, names: string[], matches: (ours: string) => boolean): string | undefined {
  return names.filter(matches).toSorted((a, b) => distance(name, a) - distance(name, b))[0];
}

/** A name may hold anything but "=". */
const printable = (name: string) => name.replaceAll(/[^\w.-]/g, "?");
