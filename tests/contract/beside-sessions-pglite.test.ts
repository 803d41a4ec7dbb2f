import { overPglite } from "../support/wires";
import { describeBesideSessions } from "./beside-sessions";

describeBesideSessions("PGlite", overPglite);
