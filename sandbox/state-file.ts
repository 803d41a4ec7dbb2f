import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/**
 * Reads a JSON file that must fit `schema`; undefined where the file does not exist. Throws an error that
 * names the file, the fault and how to mend it.
 */
export function readStateFile<T>(file: string, schema: z.ZodType<T>): T | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const result = schema.safeParse(parseJson(file, text));
  if (!result.success) throw damaged(file, z.prettifyError(result.error));
  return result.data;
}

/**
 * Writes `data` as JSON in one step: a reader sees the old file or the new one, never a half. Only the owner
 * may read it, as it holds the secret that signs tokens. Throws where the folder can't be written.
 */
export function writeStateFile(file: string, data: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(data, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`The sandbox can't write its state file ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`The sandbox can't read its state file ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, messageOf(error));
  }
}

function damaged(file: string, fault: string): Error {
  return new Error(
    `The sandbox's state file ${file} is damaged:\n${fault}\n` +
      "Mend it by deleting the file: the sandbox then starts afresh, with no winery installed.",
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
