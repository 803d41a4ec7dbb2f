import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Balancer } from "./balancer";
import type { Findings } from "./findings";
import { WINERIES } from "./house";

/** A sign-out reaches the other instances within this time; a request that is sent later must be refused. */
const CHANNEL_MS = 50;
const READ_PAUSE_MS = 60;
const INSIST_PAUSE_MS = 15;
/** How long a browser that was signed out goes on trying by itself; `comesBack` does so to the end. */
const INSISTS_MS = 400;
const JOIN_PAUSE_MS = 250;
const RETRY_MS = 150;
/** Every so manieth page is one that shows what only the database knows. */
const SETTINGS_EVERY = 8;

export type Street = {
  balancer: Balancer;
  /** A path as the admin of a winery opens it. */
  signInPath: (tenantId: string) => string;
  found: Findings;
  isOver: () => boolean;
};

async function send(
  { balancer, found }: Street,
  path: string,
  cookie?: string,
  form?: string,
): Promise<Answer | undefined> {
  const answer = await balancer.send(path, cookie ? { cookie } : {}, form).catch(() => {
    found.hung += 1;
    return undefined;
  });
  if (answer) found.answers.push(answer);
  return answer;
}

/** @returns the cookie; nothing where the answer was another, or lost */
async function signIn(street: Street, tenantId: string): Promise<string | undefined> {
  const answer = await send(street, street.signInPath(tenantId));
  if (answer?.status === 302 && answer.setCookie) return answer.setCookie;
  await sleep(RETRY_MS);
  return undefined;
}

/** Looks at a page with a cookie that has to open it. */
async function look(street: Street, path: string, cookie: string): Promise<void> {
  const { found } = street;
  const answer = await send(street, path, cookie);
  if (answer) found.pages.push(answer);
  if (answer?.status === 302) found.refused.push(`${path} at ${answer.at}`);
}

/** Presents a cookie whose sign-out was answered. */
async function insist(street: Street, cookie: string, endedMs: number): Promise<void> {
  const { found } = street;
  const answer = await send(street, "/app", cookie);
  if (answer?.status !== 200) return;
  const afterMs = answer.sentMs - endedMs;
  found.latestAcceptedMs = Math.max(found.latestAcceptedMs, afterMs);
  if (afterMs > CHANNEL_MS)
    found.accepted.push(`${answer.at}, sent ${Math.round(afterMs)} ms after the sign-out`);
}

/** Is signed in, stays so, and reads one page after another. */
export async function reads(street: Street, cookie: string): Promise<void> {
  for (let turn = 1; !street.isOver(); turn += 1) {
    await look(street, turn % SETTINGS_EVERY === 0 ? "/settings" : "/app", cookie);
    await sleep(READ_PAUSE_MS);
  }
}

/** Signs in until it works. */
export async function signsIn(street: Street, tenantId: string): Promise<string> {
  for (;;) {
    const cookie = await signIn(street, tenantId);
    if (cookie) return cookie;
  }
}

/** One after another signs in, and never out. */
export async function join(street: Street): Promise<void> {
  while (!street.isOver()) {
    const cookie = await signIn(street, WINERIES.coming);
    if (cookie) street.found.live.add(cookie);
    await sleep(JOIN_PAUSE_MS);
  }
}

/** One after another signs in, looks around and signs out. */
export async function comeAndGo(street: Street): Promise<void> {
  while (!street.isOver()) {
    const cookie = await signIn(street, WINERIES.coming);
    if (!cookie) continue;
    for (let turn = 0; turn < 4; turn += 1) await look(street, "/app", cookie);
    await leaveWith(street, cookie);
  }
}

/** One after another signs out of those that are signed in, and that every instance knows. */
export async function leave(street: Street, cookies: string[]): Promise<void> {
  while (!street.isOver()) {
    const cookie = cookies.pop();
    if (!cookie) return;
    await leaveWith(street, cookie);
  }
}

/** Signs out for certain, and insists. */
async function leaveWith(street: Street, cookie: string): Promise<void> {
  const { live, ended } = street.found;
  live.delete(cookie);
  const endedMs = await signOut(street, cookie);
  ended.set(cookie, endedMs);
  while (performance.now() - endedMs < INSISTS_MS) {
    await insist(street, cookie, endedMs);
    await sleep(INSIST_PAUSE_MS);
  }
}

/**
 * A sign-out that was answered 503, or not at all, may have been done or not: whoever pressed it presses again.
 * @returns when it was answered
 */
async function signOut(street: Street, cookie: string): Promise<number> {
  for (;;) {
    const answer = await send(street, "/logout", cookie, "");
    if (answer?.status === 302) return answer.endedMs;
    await sleep(RETRY_MS);
  }
}

/** Tries every cookie that was ever signed out, over and over: before, during and after the fault. */
export async function comeBack(street: Street): Promise<void> {
  while (!street.isOver()) {
    for (const [cookie, endedMs] of street.found.ended) {
      if (street.isOver()) return;
      await insist(street, cookie, endedMs);
      await sleep(INSIST_PAUSE_MS);
    }
    await sleep(INSIST_PAUSE_MS);
  }
}
