import { createLogger } from "../../app/lib/base/logger";

export const silentLogger = createLogger("silent");
