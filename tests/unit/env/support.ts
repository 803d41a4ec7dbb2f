import { type Env, readEnv } from "../../../app/lib/env.server";

type Variables = Record<string, string | undefined>;

/** A production environment without a fault. */
export const PRODUCTION: Variables = {
  NODE_ENV: "production",
  APP_URL: "https://libero.example.com",
  SESSION_SECRET: "5d1c7bb0a2e94f0f8e6a93b1c4d7e2f05d1c7bb0a2e94f0f",
  DATABASE_URL: "postgres://libero:pw@localhost:5432/libero",
  COMMERCE7_INSTALL_USERNAME: "winery-app",
  COMMERCE7_INSTALL_PASSWORD: "seven barrels: of red",
};

/** The environment that these variables alone make; the test process' own stay out. */
export const envOf = (variables: Variables = {}): Env => readEnv(variables as unknown as NodeJS.ProcessEnv);

/** Every variable that the environment's reader looks at. */
export function knownVariables(): string[] {
  const names: string[] = [];
  envOf(new Proxy({}, { get: (_target, name) => void names.push(String(name)) }));
  return names;
}

/** What is thrown for these variables. Fails the test where nothing is. */
export function faultOf(variables: Variables): Error {
  try {
    envOf(variables);
  } catch (error) {
    return error as Error;
  }
  throw new Error("this environment was accepted");
}

/** The fault's lines, one a variable. */
export function faultLines(variables: Variables): string[] {
  return faultOf(variables)
    .message.split("\n")
    .slice(1)
    .map((line) => line.replace(/^ {2}- /, ""));
}
