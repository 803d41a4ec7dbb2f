import { data } from "@remix-run/node";
import { isOperational, messageOf } from "./base/errors";
import { wiring } from "./wiring.server";

/** DOOR: what every route answers when the database is away. */

/**
 * A loader or action that answers 503 with a friendly page, rather than 500, while the database does not answer.
 * Nothing is guessed meanwhile: without the database nobody is signed in (ASVS 5.0, 16.5.3: fail closed).
 */
export function guarded<Args, Answer>(
  handler: (args: Args) => Promise<Answer>,
): (args: Args) => Promise<Answer> {
  return async (args) => {
    try {
      return await handler(args);
    } catch (error) {
      if (!isOperational(error)) throw error;
      wiring().logger.error({ reason: messageOf(error) }, "answered 503: the database is away");
      // The address may hold a token that there was no session to swap for yet.
      const headers = { "Retry-After": "5", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
      throw data({ fault: "database" }, { status: 503, headers });
    }
  };
}
