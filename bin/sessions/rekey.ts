import { operate } from "../../app/lib/operator.server";
import { type Rekeying, rekey as replaceKeys } from "../../app/lib/rekey.server";
import type { Command } from "./command";
import { table } from "./output";

export const rekey: Command = {
  summary:
    "Seals other platforms' tokens with the first of TOKEN_ENCRYPTION_KEYS, so that the others can go.",
  forms: ["rekey [--dry-run]"],
  details: "  --dry-run         tries every token, and writes nothing",
  options: { "dry-run": { type: "boolean" } },
  async run({ values }) {
    const rekeying = await operate(() => replaceKeys({ dryRun: values["dry-run"] === true }));
    const succeeded = rekeying.dryRun ? unopened(rekeying) === 0 : rekeying.done;
    return { document: rekeying, text: textOf(rekeying), exitCode: succeeded ? 0 : 1 };
  },
};

const unopened = ({ kinds }: Rekeying) =>
  kinds.reduce((sum, { broken, keyMissing }) => sum + broken + keyMissing, 0);

function textOf(rekeying: Rekeying): string {
  const { dryRun, keyId, kinds } = rekeying;
  const counts = table(
    ["", dryRun ? "TO RESEAL" : "RESEALED", "OVERTAKEN", "BROKEN", "KEY MISSING"],
    kinds.map((kind) => [kind.kind, kind.resealed, kind.overtaken, kind.broken, kind.keyMissing]),
  );
  const inUse = kinds.flatMap(({ kind, keys }) =>
    keys.map((key) => [kind, key.keyId === keyId ? `${keyId} (the first)` : key.keyId, key.rows]),
  );
  const keys = inUse.length > 0 ? `\n${table(["", "KEY", "SEALED WITH IT"], inUse)}` : "";
  return `${counts}${keys}\n${verdictOf(rekeying)}\n`;
}

function verdictOf(rekeying: Rekeying): string {
  if (rekeying.done) return `The first key (${rekeying.keyId}) seals everything; the others can go.`;
  if (unopened(rekeying) > 0) {
    return (
      "Not everything opens. Put a missing key back behind the first. What is broken opens with no key: the app treats it " +
      "as absent, and replaces it when its owner signs in again."
    );
  }
  if (rekeying.dryRun) return "Everything opens. Nothing was written.";
  return "Some were stored with another key meanwhile: give the new first key to every instance, then call this again.";
}
