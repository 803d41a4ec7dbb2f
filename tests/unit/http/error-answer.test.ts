import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import { answerErrors } from "../../../app/lib/http/error-answer";
import { recordingLogger } from "../sessions/support";

/** What an app answers in which this goes wrong, and what it logs. */
async function answerTo(error: unknown) {
  const logger = recordingLogger();
  const app = express();
  app.use((_req, _res, next) => next(error));
  app.use(answerErrors(logger));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const response = await fetch(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/app?account=token`,
  );
  const { status, headers } = response;
  return { status, type: headers.get("content-type"), body: await response.text(), logged: logger.lines };
}

it("a fault of ours is a plain sentence, and the log has the reason", async () => {
  expect(await answerTo(new Error("relation app_sessions does not exist"))).toEqual({
    status: 500,
    type: "text/plain; charset=utf-8",
    body: "Something went wrong on our side.\n",
    logged: [
      {
        level: "error",
        fields: { err: expect.objectContaining({ message: "relation app_sessions does not exist" }) },
        message: "request failed",
      },
    ],
  });
});

it("a fault of the request keeps its status, and is no error in the log", async () => {
  const malformed = Object.assign(new URIError("Failed to decode param '%E0'"), { status: 400 });
  expect(await answerTo(malformed)).toMatchObject({
    status: 400,
    body: "This request cannot be understood.\n",
    logged: [],
  });
});

it.each([200, 302, 399, 500, 600, undefined])(
  "a status of %j is none of a request's faults",
  async (status) => {
    expect((await answerTo(Object.assign(new Error("x"), { status }))).status).toBe(500);
  },
);
