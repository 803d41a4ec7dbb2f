import type { ClientStore } from "../clients/client-store";
import type { Forget } from "../sessions/forgetting-store";

/** A client store whose uninstall ends sessions past the store: what is remembered of them is forgotten before it answers. */
export function forgetOnUninstall(clients: ClientStore, { forget }: { forget: Forget }): ClientStore {
  return {
    ...clients,
    uninstall: (tenantId) => clients.uninstall(tenantId).finally(() => forget({ tenantId }, "ended")),
  };
}
