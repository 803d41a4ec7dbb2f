import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable } from "../base/errors";

/** How often what went away is asked again. */
const PROBE_MS = 250;

type Watched = {
  /** Asks for anything. @throws UnavailableError while it is away */
  ask(): Promise<unknown>;
  onAway(): void;
  onBack(): void;
};

/**
 * Tells when something is away, and when it is back: it asks by itself, because nobody else may do so meanwhile.
 * @returns what to call when there was no answer
 */
export function watchOutages({ ask, onAway, onBack }: Watched): () => void {
  let watching = false;
  const isAway = () => ask().then(() => false, isUnavailable);
  const watch = async () => {
    // Only one connection may have broken.
    if (!(await isAway())) return;
    onAway();
    do await sleep(PROBE_MS, undefined, { ref: false });
    while (await isAway());
    onBack();
  };
  return () => {
    if (watching) return;
    watching = true;
    void watch().finally(() => {
      watching = false;
    });
  };
}
