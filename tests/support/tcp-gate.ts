import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/**
 * A TCP relay in front of a real server that can be shut and opened again, or hang and go on, as a network does.
 * @param rewrite makes of what a client sends, as it arrives, what the server gets
 */
export async function startGate(
  target: { host: string; port: number },
  rewrite: (bytes: Buffer) => Buffer = (bytes) => bytes,
) {
  const open = new Set<Socket>();
  let shut = false;
  let frozen = false;
  let trap: string | undefined;
  let trapped = false;
  const server = createServer({ noDelay: true }, (inside) => {
    if (shut) return void inside.destroy();
    const outside = connect({ ...target, noDelay: true });
    for (const [from, to, passing] of [
      [inside, outside, rewrite],
      [outside, inside, (bytes: Buffer) => bytes],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.on("data", (bytes) => {
        if (trap !== undefined && bytes.includes(trap)) {
          trap = undefined;
          trapped = true;
          inside.pause();
          outside.pause();
        } else to.write(passing(bytes));
      });
      if (frozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      shut = true;
      cut();
    },
    reopen() {
      shut = false;
    },
    /** From now on nothing comes through, and nobody is told. */
    freeze() {
      frozen = true;
      for (const socket of open) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of open) socket.resume();
    },
    /** The next connection that sends this hangs from there on, it alone. */
    hangAt(text: string) {
      trap = text;
    },
    /** Whether a connection hangs that has sent what it is to hang at. */
    hangs: () => trapped,
    async stop() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
