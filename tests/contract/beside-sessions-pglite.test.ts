import { onPglite } from "../support/two-instances";
import { describeBesideSessions } from "./beside-sessions";

describeBesideSessions("PGlite", onPglite);
