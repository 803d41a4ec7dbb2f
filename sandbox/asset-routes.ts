import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import express, { type RequestHandler, type Router } from "express";

const folder = fileURLToPath(new URL("./assets", import.meta.url));
const fonts = ["inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"];

/** The admin's stylesheet, script and icon, and Inter from its npm package. */
export function assetRoutes(): Router {
  const router = express.Router();
  const require = createRequire(import.meta.url);
  for (const font of fonts) {
    const file = require.resolve(`@fontsource-variable/inter/files/${font}`);
    router.get(`/${font}`, sendFile(file));
  }
  router.use(express.static(folder, { index: false, fallthrough: true }));
  return router;
}

/** The router of `/v2`: `commerce7.js`, which an embedded page loads to have its iframe sized. */
export function platformScript(): Router {
  const router = express.Router();
  router.get("/commerce7.js", sendFile(path.join(folder, "commerce7.js")));
  return router;
}

function sendFile(file: string): RequestHandler {
  // A checkout may lie below a folder whose name starts with a dot, which Express would hide.
  return (_request, response) => response.sendFile(file, { dotfiles: "allow" });
}
