/** Something outside the process (database, platform) did not answer or answered nonsense; a later try may succeed. */
export class UnavailableError extends Error {
  override name = "UnavailableError";
  /** Whether it is certain that nothing was asked, so that nothing can have happened either. */
  readonly unasked: boolean;

  constructor(message: string, { unasked = false, ...options }: ErrorOptions & { unasked?: boolean } = {}) {
    super(message, options);
    this.unasked = unasked;
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

/** The message of anything thrown, with what caused it, for logs. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.name;
  const cause = error.cause === undefined ? "" : messageOf(error.cause);
  return cause && !message.includes(cause) ? `${message}: ${cause}` : message;
}
