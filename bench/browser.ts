import { randomUUID } from "node:crypto";

/** What a browser sends: the session's cookies among cookies of others. */
export const cookieHeader = (...pairs: string[]) =>
  ["theme=light", ...pairs, `_ga=GA1.1.${randomUUID().slice(0, 8)}`].join("; ");

/** The pair of name and value in a `Set-Cookie` answer. */
export const pairOf = (setCookie: string) => setCookie.split(";")[0] as string;

/** What it sends once it was answered with this `Set-Cookie`. */
export const headerOf = (setCookie: string) => cookieHeader(pairOf(setCookie));
