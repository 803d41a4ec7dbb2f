import { fileURLToPath } from "node:url";
import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import remixConfig from "./remix.config.js";

declare module "@remix-run/node" {
  interface Future {
    v3_singleFetch: true;
  }
}

/**
 * Every package that code in the browser imports. Vite must not find them by itself: Remix lets it look at what only the server
 * imports, too, and each find ends in a reload of the page, with two copies of React until then.
 */
const CLIENT_DEPENDENCIES = [
  "@remix-run/react",
  "react",
  "react-dom/client",
  "react/jsx-dev-runtime",
  "react/jsx-runtime",
];

export default defineConfig({
  plugins: [remix(remixConfig), tailwindcss()],
  optimizeDeps: { include: CLIENT_DEPENDENCIES, noDiscovery: true },
  // The embedded database writes there all the time, and Remix has pages load their data again for every file that changes.
  server: {
    watch: { ignored: ["**/.data/**"] },
    // Vite's own, and the embedded database with all its sessions.
    fs: { deny: [".env", ".env.*", "*.{crt,pem}", "**/.git/**", "**/.data/**"] },
  },
  resolve: { alias: { "~": fileURLToPath(new URL("./app", import.meta.url)) } },
});
