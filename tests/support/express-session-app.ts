import type { AddressInfo } from "node:net";
import express from "express";
import session from "express-session";

/** What the tests' apps keep in a session. */
declare module "express-session" {
  interface SessionData {
    [key: string]: unknown;
  }
}

type Options = Partial<session.SessionOptions>;

/** An Express app that does to its session whatever the address says. */
export async function startExpressApp(store: session.Store, options: Options = {}) {
  const app = express();
  const settings = { secret: "a secret of the tests", resave: false, saveUninitialized: false, ...options };
  app.use(session({ ...settings, store }));
  const answer = (req: express.Request, res: express.Response) =>
    res.json({ session: req.session ?? null, maxAge: req.session?.cookie.maxAge });

  app.get("/read", answer);
  app.get("/set/:key/:value", (req, res) => {
    req.session[req.params.key] = req.params.value;
    answer(req, res);
  });
  app.get("/unset/:key", (req, res) => {
    delete req.session[req.params.key];
    answer(req, res);
  });
  app.get("/max-age/:ms", (req, res) => {
    req.session.cookie.maxAge = req.params.ms === "null" ? (null as never) : Number(req.params.ms);
    answer(req, res);
  });
  app.get("/drop", (req, res) => {
    req.session = null as never;
    answer(req, res);
  });
  app.get("/save-twice", (req, res, next) => {
    req.session.first = true;
    req.session.save((error) => {
      req.session.second = true;
      if (error) next(error);
      else answer(req, res);
    });
  });
  app.get("/:method(regenerate|reload|destroy)", (req, res, next) => {
    const method = req.params.method as "regenerate" | "reload" | "destroy";
    req.session.before = method;
    req.session[method]((error: Error | undefined) => {
      if (error) return next(error);
      if (method === "regenerate") req.session.after = method;
      answer(req, res);
    });
  });
  app.use(((error, _req, res, _next) => {
    res.status(500).json({ error: error.message });
  }) satisfies express.ErrorRequestHandler);

  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** A browser: it keeps the cookie that it is given. */
export class Browser {
  cookie: string | undefined;
  constructor(readonly url: string) {}

  async get(path: string, headers: Record<string, string> = {}) {
    const cookie = this.cookie && { cookie: this.cookie };
    const response = await fetch(this.url + path, { headers: { ...cookie, ...headers } });
    const setCookie = response.headers.get("set-cookie");
    if (setCookie) this.cookie = setCookie.split(";")[0];
    // biome-ignore lint/suspicious/noExplicitAny: whatever the app answers
    return { status: response.status, body: (await response.json()) as any, setCookie };
  }

  /** The session's id, without its signature. */
  get sid(): string {
    return /^[^=]+=s:([^.]+)\./.exec(decodeURIComponent(this.cookie ?? ""))?.[1] ?? "";
  }
}
