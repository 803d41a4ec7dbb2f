import type { CallArguments, Database, Row } from "./database";

/**
 * Ends app sessions of a scope, at most a thousand in each transaction. From the first step on, no session of a client opens,
 * and sign-ins that are under way fail.
 * @param of `p_client_id`, `p_user_id`, `p_except` and `p_reason` of `end_app_session_batch`
 * @param first what the first step answered, where another function took it
 * @returns how many ended
 */
export async function endInBatches(db: Database, of: CallArguments, first?: Row): Promise<number> {
  const [begun] = first ? [first] : await db.call("end_app_session_batch", of);
  let step = begun ?? {};
  let ended = Number(step.ended);
  while (step.last_id) {
    const from = { p_order: Number(step.ended_order), p_after: step.last_id };
    [step = {}] = await db.call("end_app_session_batch", { ...of, ...from });
    ended += Number(step.ended);
  }
  return ended;
}
