import type { ClientStore } from "../clients/client-store";
import type { CachedStore } from "../sessions/cached-store";

/** A client store whose uninstall ends sessions past the cache: what the cache has of them is forgotten before it answers. */
export function forgetOnUninstall(
  clients: ClientStore,
  { forget }: Pick<CachedStore, "forget">,
): ClientStore {
  return {
    ...clients,
    uninstall: (tenantId) => clients.uninstall(tenantId).finally(() => forget({ tenantId })),
  };
}
