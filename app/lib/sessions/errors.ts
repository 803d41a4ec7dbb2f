/** A sign-in that would give its user one session more than the client allows, where the policy refuses it. */
export class SessionLimitError extends Error {
  override name = "SessionLimitError";
}

/** A sign-in that began before all sessions of its user, or of the client, were ended: it is one of those. */
export class SignInOvertakenError extends Error {
  override name = "SignInOvertakenError";
}

/** Somebody else changed the same keys since the session was read. Nothing was saved: read again, and decide. */
export class SessionConflictError extends Error {
  override name = "SessionConflictError";
  constructor(readonly keys: string[]) {
    super(`session data was changed by another request meanwhile: ${keys.join(", ")}`);
  }
}

/** Data that a session cannot keep; the message says which part and why. Nothing was saved. */
export class SessionDataError extends Error {
  override name = "SessionDataError";
}
