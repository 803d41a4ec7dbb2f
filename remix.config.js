/**
 * Options of the Remix Vite plugin; `vite.config.ts` passes them on.
 * @type {import("@remix-run/dev").VitePluginConfig}
 */
export default {
  future: {
    v3_fetcherPersist: true,
    // It matches every prefix of a path that it knows no page for: work that grows with the square of a stranger's request.
    v3_lazyRouteDiscovery: false,
    v3_relativeSplatPath: true,
    v3_routeConfig: true,
    v3_singleFetch: true,
    v3_throwAbortReason: true,
  },
};
