import { overPostgres } from "../support/wires";
import { describeBesideSessions } from "./beside-sessions";

describeBesideSessions("PostgreSQL", overPostgres);
