import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type LaunchOptions } from "@playwright/test";
import packedChromium from "@sparticuz/chromium";

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Quiet and alone; nothing here loosens what a browser protects: sites stay isolated, origins stay apart. */
const ARGS = ["--disable-background-networking", "--disable-component-update", "--no-pings"];

/**
 * How to launch a Chromium on this machine: Playwright's own, else the system's, else on Linux the one packed in npm,
 * which is unpacked into the temp folder at the first call, and elsewhere an installed Chrome.
 */
export async function browserLaunchOptions(): Promise<LaunchOptions> {
  return { ...(await findChromium()), args: [...ARGS, ...sandboxArgs()] };
}

async function findChromium(): Promise<LaunchOptions> {
  const installed = [chromium.executablePath(), ...systemPaths()].find((path) => existsSync(path));
  if (installed) return { executablePath: installed };
  if (process.platform !== "linux") return { channel: "chrome" };
  return { executablePath: await packedChromium.executablePath() };
}

function systemPaths(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => SYSTEM_NAMES.map((name) => join(folder, name)));
}

/** Chromium does not start its process sandbox as root, as containers often run. */
function sandboxArgs(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}
