import { runServer } from "./run-server";

process.env.NODE_ENV ??= "production";
await runServer();
