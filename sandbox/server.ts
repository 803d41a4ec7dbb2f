import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { signAccountToken } from "./account-token";
import { sandboxApp } from "./express-app";
import { type ReceivedMail, startMailbox } from "./mailbox";
import { loopbackHost, readAppUrl, urlHost } from "./options";
import { openState, type State } from "./state";
import { type Delivery, type Fault, succeeded } from "./types";
import { deliver, installBody } from "./webhooks";
import { findStaff, requireWinery } from "./wineries";

export type { ReceivedMail } from "./mailbox";
export type { Delivery, Fault } from "./types";

const webhookTimeoutMs = 10_000;

export type SandboxOptions = {
  /** 0 (the default) takes any free port. */
  port?: number;
  /** A loopback address; `127.0.0.1` by default. */
  host?: string;
  /** Where the app under test answers, such as `http://localhost:3000`. */
  appUrl: string;
  /** The Basic auth pair of the webhooks. */
  username: string;
  password: string;
  /** A JSON file to remember the wineries in; without it everything is forgotten at `close()`. */
  stateFile?: string;
  /** The app's operators, for whoever looks for an address to sign in with. */
  operatorEmails?: readonly string[];
  /** Host names that a proxy serves it by; without them it answers as this machine alone. */
  hosts?: readonly string[];
};

export type Sandbox = {
  /** Its own address, such as `http://127.0.0.1:4000`; the account API is below `/v1`. */
  url: string;
  /** Takes whatever the app mails, such as `smtp://127.0.0.1:4025`. */
  smtpUrl: string;
  /** Points the sandbox to an app. Throws where the text is no plain http(s) address. */
  setAppUrl(url: string): void;
  /** How the account API answers from now on. */
  setFault(fault: Fault): void;
  /**
   * An `account` token of a winery's staff member, by default of the one chosen in its admin. Throws for an
   * unknown winery and for a staff member it does not have.
   */
  accountToken(tenantId: string, staffId?: string): string;
  /** Sends the install webhook; the winery is installed if the answer is a 2xx. Throws for an unknown winery. */
  install(tenantId: string): Promise<Delivery>;
  /** Sends the uninstall webhook; the winery is uninstalled if the answer is a 2xx. Throws like `install`. */
  uninstall(tenantId: string): Promise<Delivery>;
  /** How many `GET /v1/account/user` were received since the start, faults included, Libero's probes not. */
  accountCalls(): number;
  /** The last 50 webhooks, newest first. */
  deliveries(): Delivery[];
  /** The last 50 mails, newest first. */
  mails(): ReceivedMail[];
  /** Stops listening and cuts every connection, hanging ones too. */
  close(): Promise<void>;
};

/**
 * Starts a stand-in for Commerce7: the account API, the admin that frames the app, and the webhooks; and a mailbox for
 * what the app mails.
 *
 * Resolves once it listens. Throws where the address is taken or not loopback, where `appUrl` is no address,
 * and where the state file is damaged.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = loopbackHost(options.host ?? "127.0.0.1");
  const state = openState(options.stateFile);
  const { operatorEmails = [], hosts = [] } = options;
  const closing = new AbortController();
  let appUrl = readAppUrl(options.appUrl);
  const mailbox = await startMailbox(host);
  const { mails, smtpUrl } = mailbox;
  let fault: Fault = "none";
  let accountCalls = 0;

  const notify = (kind: Delivery["kind"], tenantId: string, body: Record<string, unknown>) => {
    const { username, password } = options;
    const credentials = { username, password };
    const timeoutMs = webhookTimeoutMs;
    return deliver({ kind, tenantId, appUrl, body, credentials, timeoutMs, closing: closing.signal });
  };
  const actions = {
    setFault: (next: Fault) => {
      fault = next;
    },
    accountToken: (tenantId: string, staffId?: string) => tokenOf(state, tenantId, staffId),
    install: async (tenantId: string) => {
      const body = installBody(requireWinery(tenantId), state.staff(tenantId));
      return record(state, await notify("install", tenantId, body));
    },
    uninstall: async (tenantId: string) => {
      requireWinery(tenantId);
      return record(state, await notify("uninstall", tenantId, { tenantId }));
    },
  };
  const onAccountCall = () => {
    accountCalls += 1;
  };
  const server = createServer(
    sandboxApp({
      ...{ ...actions, state, appUrl: () => appUrl, fault: () => fault, onAccountCall },
      ...{ mails, smtpUrl, operatorEmails, hosts },
    }),
  );
  await listen(server, options.port ?? 0, host).catch(async (error) => {
    await mailbox.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;

  return {
    ...actions,
    url: `http://${urlHost(host)}:${port}`,
    smtpUrl,
    setAppUrl: (url) => {
      appUrl = readAppUrl(url);
    },
    accountCalls: () => accountCalls,
    deliveries: () => state.deliveries(),
    mails,
    close: async () => void (await Promise.all([stop(server, closing), mailbox.close()])),
  };
}

function tokenOf(state: State, tenantId: string, staffId?: string): string {
  const winery = requireWinery(tenantId);
  const staff = staffId === undefined ? state.staff(tenantId) : findStaff(winery, staffId);
  if (!staff) throw new Error(`${winery.name} has no staff member with the id "${staffId}".`);
  return signAccountToken(state.secret, staff.id, Date.now());
}

function record(state: State, delivery: Delivery): Delivery {
  if (succeeded(delivery)) state.setInstalled(delivery.tenantId, delivery.kind === "install");
  state.addDelivery(delivery);
  return delivery;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The sandbox can't listen on ${host}:${port}: ${reason}`, { cause: error });
  }
}

async function stop(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
