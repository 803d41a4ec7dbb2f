import { describe } from "vitest";
import { redisBeforePostgres } from "../support/http-stores";
import { hasRedis } from "../support/redis-server";
import { describeExpressSession } from "./express-session";
import { describeHttpSessions } from "./http-sessions";

const NAME = "Redis in front of PostgreSQL";

describe.skipIf(!hasRedis)("with redis-server", () => {
  describeHttpSessions(NAME, redisBeforePostgres);
  describeExpressSession(NAME, redisBeforePostgres);
});
