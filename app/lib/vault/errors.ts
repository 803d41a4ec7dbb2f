/**
 * A grant that is over: the provider takes its refresh token no more, or there never was one. Nobody asks the provider
 * again before a new grant is kept: the tenant has to connect again.
 */
export class GrantRevokedError extends Error {
  override name = "GrantRevokedError";
  /**
   * Whether a refresh before was cut off: the provider may have replaced the refresh token, and the new one never
   * reached us.
   */
  readonly interrupted: boolean;

  constructor(message: string, { interrupted }: { interrupted: boolean }) {
    super(message);
    this.interrupted = interrupted;
  }
}

/** What is to be kept holds no access token. */
export class TokenAnswerError extends Error {
  override name = "TokenAnswerError";
}
