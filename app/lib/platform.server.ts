import { wiring } from "./wiring.server";

/** DOOR: the script of the platform's that lets the admin size the frame. Pages work without it. */
export const platformScriptUrl = () => wiring().env.commerce7.scriptUrl;
