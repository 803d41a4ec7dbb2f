import { cookieProblems, isLocalhost } from "./cookie";
import { misspelledVariables } from "./misspelled";
import type { Variables } from "./variables";

/** A setting that the app starts with, although it probably does not do what is wanted. */
export type SettingProblem = {
  /** One sentence that names the variable and the fix, without secrets. */
  problem: string;
  /** Whether it keeps users from signing in inside the admin, or from staying signed in. */
  preventsSignIn: boolean;
};

/**
 * Finds what a start only warns of; what no browser or service accepts refuses the start.
 * @param source the environment, for names that are not variables of Libero
 */
export function settingProblems(value: Variables, appUrl: URL, source: NodeJS.ProcessEnv): SettingProblem[] {
  const others = [
    ...addressProblems(value, appUrl),
    ...secretProblems(value),
    ...mailProblems(value),
    ...misspelledVariables(source),
  ];
  return [...cookieProblems(value, appUrl), ...others.map((problem) => ({ problem, preventsSignIn: false }))];
}

function addressProblems({ NODE_ENV }: Variables, { origin, hostname }: URL): string[] {
  if (NODE_ENV !== "production" || !isLocalhost(hostname)) return [];
  return [
    `APP_URL is ${origin} in production: only browsers on this machine reach it; set it to the address that users' browsers open`,
  ];
}

/** A secret that leaks where it does one thing must not open the others. */
function secretProblems(value: Variables): string[] {
  if (value.NODE_ENV !== "production") return [];
  const purposes = [
    "SESSION_SECRET",
    "SESSION_ENCRYPTION_KEY",
    "TOKEN_ENCRYPTION_KEYS",
    "METRICS_TOKEN",
    "COMMERCE7_INSTALL_PASSWORD",
  ] as const;
  const users = new Map<string, string[]>();
  for (const variable of purposes) {
    for (const secret of [value[variable] ?? []].flat()) {
      users.set(secret, [...(users.get(secret) ?? []), variable]);
    }
  }
  return [...users.values()]
    .filter((variables) => new Set(variables).size > 1)
    .map((variables) => `${variables.join(" and ")} hold the same secret: give each one of its own`);
}

/** In development all mail goes to the sandbox's mailbox. */
function mailProblems({ NODE_ENV, SMTP_URL, MAIL_FROM, OPERATOR_EMAILS }: Variables): string[] {
  if (NODE_ENV !== "production") return [];
  if (!SMTP_URL && OPERATOR_EMAILS.length > 0) {
    return ["OPERATOR_EMAILS is set without SMTP_URL: operators get no sign-in link; set SMTP_URL"];
  }
  if (SMTP_URL && /@localhost>?$/i.test(MAIL_FROM)) {
    return [
      `MAIL_FROM is ${MAIL_FROM}, which mail servers refuse or take for spam; set it to an address of your own domain`,
    ];
  }
  return [];
}
