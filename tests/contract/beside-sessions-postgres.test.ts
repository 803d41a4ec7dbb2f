import { onPostgres } from "../support/two-instances";
import { describeBesideSessions } from "./beside-sessions";

describeBesideSessions("PostgreSQL", onPostgres);
