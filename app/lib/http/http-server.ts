import { createServer, type Server } from "node:http";
import { SECOND_MS } from "../base/durations";

/** A browser may send many cookies of other apps: a long header is no reason to turn it away. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Node looks for late connections only now and then, and by default so rarely that a limit of 30 s is one of 60. */
const CHECKS_PER_LIMIT = 10;

/**
 * An HTTP server that ends connections of slow clients.
 * @param requestTimeoutMs how long a client may take to send a whole request; a third of that for its headers
 */
export function createHttpServer({ requestTimeoutMs = 30 * SECOND_MS } = {}): Server {
  return createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs / 3,
    connectionsCheckingInterval: requestTimeoutMs / CHECKS_PER_LIMIT,
  });
}
