import { describe } from "vitest";
import { hasPostgrest } from "../support/postgrest";
import { describeClientStore } from "./client-store";
import { describeSessionStore } from "./session-store";
import { openProject } from "./supabase-project";

// The strictest setting there is. Others are in the long form.
const NAME = "supabase-js with a secret key through Supabase's gateway, max-rows 1";

describe.skipIf(!hasPostgrest)("with PostgREST", () => {
  describeClientStore(NAME, () => openProject(1));
  describeSessionStore(NAME, () => openProject(1), { longInterleavings: 300 });
});
