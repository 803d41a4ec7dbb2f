import getPort, { portNumbers } from "get-port";
import { readEnv } from "../app/lib/env.server";
import { startSandbox } from "../sandbox/server";
import { exitWith, loadDotEnv } from "./command";
import { runServer } from "./run-server";

process.env.NODE_ENV = "development";
try {
  loadDotEnv();
  process.env.PORT ??= String(await getPort({ port: portNumbers(3000, 3099) }));
  process.env.OPERATOR_EMAILS ||= "operator@example.com";
  const { appUrl, commerce7, operatorEmails } = readEnv();
  const sandbox = await startSandbox({
    port: await getPort({ port: portNumbers(3100, 3199) }),
    appUrl: appUrl.origin,
    username: commerce7.username,
    password: commerce7.password,
    stateFile: ".data/sandbox.json",
    operatorEmails,
  });
  // The sandbox is the platform here: a real Commerce7 would not know its wineries.
  process.env.COMMERCE7_API_URL = `${sandbox.url}/v1`;
  // Unless mails are to go out for real.
  process.env.SMTP_URL ||= sandbox.smtpUrl;
  await runServer({ develop: true, alsoStop: () => sandbox.close() });
  process.stdout.write(`\n  Open the Commerce7 sandbox:  ${sandbox.url}\n\n`);
} catch (error) {
  exitWith(error);
}
