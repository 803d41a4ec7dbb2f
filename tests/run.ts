import { build, exitWith, playwright, projects, vitest } from "./runs";

/** `npm test`: builds the app, and runs every suite that does not take minutes, the browser's included. */
build();
exitWith(vitest(projects("unit", "database", "routes", "integration", "instances")), playwright());
