import { type Clock, systemClock } from "../base/clock";
import type { Logger } from "../base/logger";
import { type ActivityRecorder, createActivityRecorder } from "./activity";
import { type CookieAttributes, createSessionCookie } from "./cookie";
import { createSessionManager, type SessionManager } from "./manager";
import { type ChosenPolicy, DEFAULT_POLICY, withChosen } from "./policy";
import type { SessionStore } from "./store";

export type SessionEngineOptions = {
  store: SessionStore;
  logger: Logger;
  /** Of at least 32 characters each; the first signs cookies, all verify them. */
  secrets: readonly string[];
  /** Encrypts cookies as well; of at least 32 characters each. */
  encryptionSecrets?: readonly string[];
  cookie: { name: string } & CookieAttributes;
  policy?: ChosenPolicy;
  rotationGraceSeconds?: number;
  dataMaxBytes?: number;
  maxVerifiedCookies?: number;
  clock?: Clock;
};

/**
 * The engine, ready to use: everything about sessions that is neither a store nor a framework.
 * `activity.flush` writes what is noted before the process ends.
 * @throws ConfigurationError for secrets or cookie attributes that cannot work
 */
export function createSessionEngine(options: SessionEngineOptions): {
  sessions: SessionManager;
  activity: ActivityRecorder;
} {
  const { store, logger, secrets, encryptionSecrets, clock = systemClock } = options;
  const { name, ...attributes } = options.cookie;
  const activity = createActivityRecorder({ store, logger });
  const sessions = createSessionManager({
    ...options,
    store,
    activity,
    clock,
    cookie: createSessionCookie({ name, secrets, encryptionSecrets, attributes }),
    policy: withChosen(DEFAULT_POLICY, options.policy),
  });
  return { sessions, activity };
}
