import { randomUUID } from "node:crypto";
import express from "express";
import session from "express-session";
import { ExpressSessionStore } from "../../app/lib/adapters/express-session";
import { wiring } from "../../app/lib/wiring.server";

declare module "express-session" {
  interface SessionData {
    csrf: string;
    visits: number;
    preferences: { theme: string };
  }
}

const { env, httpSessions, logger, start, stop } = wiring();
await start(); // brings the database up to date, connects to Redis, cleans up every hour

const isHttps = env.appUrl.protocol === "https:";
const app = express();
app.set("trust proxy", env.trustProxy);
app.use(
  session({
    store: new ExpressSessionStore({ sessions: httpSessions }),
    name: "shop.sid",
    secret: env.sessionSecrets, // the first signs, all verify
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: {
      maxAge: 24 * 60 * 60 * 1000,
      secure: "auto", // as the connection is, behind a trusted proxy too
      sameSite: isHttps ? "none" : "lax", // "none" for an app in another site's frame
      domain: env.sessionCookie.domain, // without one, this host alone gets the cookie
    },
  }),
);

// While the database is away there is no session: better no answer than a visitor who seems to be a stranger.
app.use((req, res, next) => {
  if (req.session) next();
  else res.status(503).set("Retry-After", "5").send("We will be back in a moment.");
});

app.get("/", (req, res) => {
  const { session } = req;
  session.visits = (session.visits ?? 0) + 1;
  session.csrf ??= randomUUID(); // forms send it back
  res.json({ visits: session.visits, csrf: session.csrf, theme: session.preferences?.theme ?? "light" });
});

app.post("/preferences", express.urlencoded({ extended: false }), (req, res) => {
  if (!req.session.csrf || req.body.csrf !== req.session.csrf) return void res.sendStatus(403);
  req.session.preferences = { theme: String(req.body.theme) };
  res.sendStatus(204);
});

app.post("/sign-out", (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.sendStatus(204)));
});

const server = app.listen(env.port, () => logger.info(`the shop is open on port ${env.port}`));
process.once("SIGTERM", () => server.close(() => void stop()));
