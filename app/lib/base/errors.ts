/**
 * What an UnavailableError says about other calls:
 * - `outage`: it does not answer, or does not take anybody in; other calls fare no better
 * - `read-only`: it answers, and refuses to write; nothing was changed
 * - `conflict`: this call lost against others and was rolled back; the same call may succeed at once
 * - `failed`: it answered that this call failed on its side; others may succeed
 * - `timeout`: it gave this call up because it took too long; others may be quicker
 */
export type Unavailability = "outage" | "read-only" | "conflict" | "failed" | "timeout";

type UnavailableOptions = ErrorOptions & { unasked?: boolean; kind?: Unavailability };

/** Something outside the process (database, platform) did not answer or answered nonsense; a later try may succeed. */
export class UnavailableError extends Error {
  override name = "UnavailableError";
  /** Whether it is certain that nothing was asked, so that nothing can have happened either. */
  readonly unasked: boolean;
  readonly kind: Unavailability;

  constructor(message: string, { unasked = false, kind = "outage", ...options }: UnavailableOptions = {}) {
    super(message, options);
    this.unasked = unasked;
    this.kind = kind;
  }
}

/** A client that is not installed, or no longer: nobody can hold a session of it. */
export class ClientNotInstalledError extends Error {
  override name = "ClientNotInstalledError";
}

/** What is configured or stored cannot work; the message says what is wrong and how to mend it. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";
}

/**
 * Whether an operator can mend it, so that a sentence says more than a stack trace. Goes by name: the build carries
 * its own copy of these classes, and `instanceof` does not see across.
 */
export function isOperational(error: unknown): error is Error {
  return error instanceof Error && ["ConfigurationError", "UnavailableError"].includes(error.name);
}

/** Whether something outside the process did not answer, so that one can do without it for now. By name, as above. */
export function isUnavailable(error: unknown): error is Error {
  return isOperational(error) && error.name === "UnavailableError";
}

/** Whether the database answered and refused to write: a hot standby, or a database that was set to read-only. */
export function isReadOnly(error: unknown): error is UnavailableError {
  return isUnavailable(error) && (error as UnavailableError).kind === "read-only";
}

/** The message of anything thrown, with what caused it, for logs. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return describeThrown(error);
  const message = error.message || error.name;
  const cause = error.cause === undefined ? "" : messageOf(error.cause);
  return cause && !message.includes(cause) ? `${message}: ${cause}` : message;
}

/** Not everything that is thrown is an Error: Emscripten throws plain objects that have a name and a number. */
function describeThrown(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message, name = "an object", code, errno, status } = thrown as Record<string, unknown>;
  if (typeof message === "string" && message) return message;
  return [name, code ?? errno ?? status].filter((part) => part !== undefined).join(" ");
}
