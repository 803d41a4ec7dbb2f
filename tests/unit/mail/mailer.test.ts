import { type AddressInfo, createServer } from "node:net";
import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMailer, type Mail } from "../../../app/lib/mail/mailer";
import { type Smtp, startSmtp } from "../../support/smtp";
import { startGate } from "../../support/tcp-gate";

const FROM = "Libero at Old Oak <libero@old-oak.example>";
const TO = "jason@example.com";
const MAIL: Mail = { to: TO, subject: "Your link", text: "Open https://libero.example/magic" };

/** Of 127.0.0.1, signed by itself. */
let certificate: Awaited<ReturnType<typeof generate>>;
beforeAll(async () => {
  const altNames = [{ type: 7 as const, ip: "127.0.0.1" }];
  certificate = await generate([{ name: "commonName", value: "mail" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames }],
  });
});

let smtp: Smtp;
beforeEach(async () => {
  smtp = await startSmtp();
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await smtp.close();
});

function mailer(smtpUrl: string, timeoutMs?: number) {
  const made = createMailer({ smtpUrl, from: FROM, timeoutMs });
  closing.unshift(made.close);
  return made;
}

describe("a mail arrives as it was written", () => {
  it("with its sender, its subject in any script, and both its parts", async () => {
    const text = "Grüß dich, Zoë 🍇\n\nhttps://libero.example/magic?token=a.b_c-d\n";
    const html = "<p>Grüß dich, <a href='https://libero.example/'>Zoë</a> 🍇</p>";
    await mailer(smtp.url).send({ to: TO, subject: "Anmelden bei Schloß Weinberg 🍷 葡萄", text, html });
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({
      from: { name: "Libero at Old Oak", address: "libero@old-oak.example" },
      to: [{ address: TO }],
      subject: "Anmelden bei Schloß Weinberg 🍷 葡萄",
    });
    expect([mail?.text?.trim(), mail?.html?.trim()]).toEqual([text.trim(), html]);
  });

  it("with a link as long as a line may not be, in one piece", async () => {
    const link = `https://libero.example/magic?token=${"a1-_".repeat(500)}`;
    await mailer(smtp.url).send({ ...MAIL, text: link });
    expect(smtp.mails[0]?.text?.trim()).toBe(link);
  });

  it("and says that a machine wrote it, so that no absence note comes back", async () => {
    await mailer(smtp.url).send(MAIL);
    expect(smtp.mails[0]?.headers).toContainEqual(
      expect.objectContaining({ key: "auto-submitted", value: "auto-generated" }),
    );
  });
});

describe("nobody writes headers or recipients into it", () => {
  it("a line break in the subject is a space", async () => {
    const subject = "Hello\r\nBcc: eve@example.com\nX-Evil: 1\r\n\r\nBody";
    await mailer(smtp.url).send({ ...MAIL, subject });
    const [mail] = smtp.mails;
    expect(mail?.subject).toMatch(/^Hello +Bcc: eve@example.com +X-Evil: 1 +Body$/);
    expect(mail?.headers.map(({ key }) => key)).not.toContain("x-evil");
    expect(mail?.bcc).toBeUndefined();
    expect(mail?.text?.trim()).toBe(MAIL.text);
  });

  it.each([
    "jason@example.com\r\nBcc: eve@example.com",
    "jason@example.com>\r\nRCPT TO:<eve@example.com",
    "jason@example.com, eve@example.com",
    "jason@example.com;eve@example.com",
    "Jason <jason@example.com>",
    "eve@example.com jason@example.com",
    "jason",
    "",
    `${"j".repeat(250)}@example.com`,
  ])("%j is not one address, and nothing is sent", async (to) => {
    await expect(mailer(smtp.url).send({ ...MAIL, to })).rejects.toThrow(TypeError);
    expect(smtp.mails).toEqual([]);
  });

  it("the text ends where it ends: a lone dot does not end it, and commands after it are text", async () => {
    const text = "Hello\r\n.\r\nRCPT TO:<eve@example.com>\r\n..two";
    await mailer(smtp.url).send({ ...MAIL, text });
    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]?.text?.trim().split(/\r?\n/)).toEqual(text.split("\r\n"));
  });
});

describe("a server that does not take it", () => {
  /** What is thrown, which says neither to whom nor with which password. */
  const faultOf = async (url: string, timeoutMs = 400) => {
    const error: Error = await mailer(url, timeoutMs)
      .send(MAIL)
      .then(
        () => new Error("it was sent"),
        (thrown) => thrown,
      );
    expect(error.name).toBe("UnavailableError");
    expect(error.cause).toBeUndefined();
    expect(`${error.stack}`).not.toMatch(/jason|example\.com|s3cret|operator/);
    return error.message;
  };
  const withPassword = (url: string) => url.replace("smtp://", "smtp://operator:s3cret@");

  it("is away", async () => {
    await smtp.close();
    expect(await faultOf(withPassword(smtp.url))).toBe(
      "the mail server 127.0.0.1 does not take the mail (ECONNREFUSED)",
    );
  });

  it("says nothing, from the greeting on or in the middle", async () => {
    const gate = await startGate({ host: "127.0.0.1", port: Number(new URL(smtp.url).port) });
    closing.push(gate.stop);
    const url = `smtp://127.0.0.1:${gate.port}`;
    gate.hangAt("RCPT TO");
    expect(await faultOf(url)).toMatch(/does not take the mail \(ETIMEDOUT\)$/);
    gate.freeze();
    expect(await faultOf(url)).toMatch(/does not take the mail \(ETIMEDOUT\)$/);
    gate.thaw();
    await mailer(url).send(MAIL);
    expect(smtp.countTo(TO)).toBe(1);
  });

  it("always has more to say, and never comes to an end", async () => {
    const endless = createServer((socket) => {
      const talk = setInterval(() => socket.write("250-wait\r\n"), 20);
      socket.on("error", () => {}).on("close", () => clearInterval(talk));
      socket.write("220 mail\r\n");
    });
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => endless.close(resolve)));
    const { port } = endless.address() as AddressInfo;
    expect(await faultOf(`smtp://127.0.0.1:${port}`, 100)).toMatch(/does not take the mail \(EABORT\)$/);
  });

  it("refuses the recipient, whom it names: its codes are told, its words are not", async () => {
    smtp.refuse("5.1.1 jason@example.com is unknown here");
    expect(await faultOf(smtp.url)).toBe("the mail server 127.0.0.1 refused the mail at RCPT TO (550 5.1.1)");
    smtp.refuse(undefined);
    await mailer(smtp.url).send(MAIL);
    expect(smtp.countTo(TO)).toBe(1);
  });

  it("refuses the password", async () => {
    const url = await serve({ onAuth: (_login, _session, done) => done(new Error("operator is unknown")) });
    expect(await faultOf(withPassword(url))).toBe(
      "the mail server 127.0.0.1 refused the mail at AUTH PLAIN (535)",
    );
  });
});

describe("verifying the server, without a mail", () => {
  const withPassword = (url: string) => url.replace("smtp://", "smtp://operator:s3cret@");
  const faultOf = async (url: string, timeoutMs = 400) => {
    const error: Error = await mailer(url, timeoutMs)
      .verify()
      .then(
        () => new Error("nothing is wrong"),
        (thrown) => thrown,
      );
    expect(`${error.stack}`).not.toMatch(/s3cret|operator/);
    expect(error.cause).toBeUndefined();
    return `${error.name}: ${error.message}`;
  };

  it("is content with one that would take a mail, and sends none", async () => {
    await mailer(smtp.url).verify();
    expect(smtp.mails).toEqual([]);
  });

  it("signs in, and says that it was refused", async () => {
    const logins: unknown[] = [];
    const url = await serve({
      onAuth({ username, password }, _session, done) {
        logins.push([username, password]);
        if (password === "s3cret") done(null, { user: username });
        else done(new Error(`${username} is unknown`));
      },
    });
    await mailer(withPassword(url)).verify();
    expect(logins).toEqual([["operator", "s3cret"]]);
    expect(await faultOf(url.replace("smtp://", "smtp://operator:wrong@"))).toBe(
      "UnavailableError: the mail server 127.0.0.1 refused the sign-in at AUTH PLAIN (535)",
    );
  });

  it("says that it is away", async () => {
    await smtp.close();
    expect(await faultOf(withPassword(smtp.url))).toBe(
      "UnavailableError: the mail server 127.0.0.1 does not take the sign-in (ECONNREFUSED)",
    );
  });

  it("gives up in time on one that says nothing, hangs at the sign-in, or never comes to an end", async () => {
    const open = await serve({ onAuth: (_login, _session, done) => done(null, { user: "operator" }) });
    const gate = await startGate({ host: "127.0.0.1", port: Number(new URL(open).port) });
    closing.push(gate.stop);
    const url = `smtp://operator:s3cret@127.0.0.1:${gate.port}`;
    gate.hangAt("AUTH");
    expect(await faultOf(url)).toMatch(/does not take the sign-in \(ETIMEDOUT\)$/);
    gate.freeze();
    expect(await faultOf(url)).toMatch(/does not take the sign-in \(ETIMEDOUT\)$/);

    let ended = 0;
    const endless = createServer((socket) => {
      const talk = setInterval(() => socket.write("250-wait\r\n"), 20);
      socket
        .on("error", () => {})
        .on("close", () => {
          clearInterval(talk);
          ended += 1;
        });
      socket.write("220 mail\r\n");
    });
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => endless.close(resolve)));
    const { port } = endless.address() as AddressInfo;
    expect(await faultOf(`smtp://127.0.0.1:${port}`, 100)).toMatch(
      /does not take the sign-in \(ETIMEDOUT\)$/,
    );
    await expect.poll(() => ended).toBe(1);
  });

  it("takes TLS only from one that can prove its name, and says where there is none", async () => {
    const { cert, private: key } = certificate;
    const url = await serve({ cert, key, disabledCommands: [] });
    expect(await faultOf(url)).toMatch(/does not take the sign-in \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
    expect(await faultOf(smtp.url.replace("smtp:", "smtps:"))).toMatch(/does not take the sign-in \(E\w+\)$/);
  });
});

/** A server as these options say. */
async function serve(options: SMTPServerOptions): Promise<string> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    logger: false,
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

it("signs in with credentials of any characters, as the URL has them percent-encoded", async () => {
  const [user, password] = ["winery@old-oak.example", "p@ss:w/o?r#d %&+ü🍇"];
  const logins: unknown[] = [];
  const url = await serve({
    onAuth(login, _session, done) {
      logins.push([login.username, login.password]);
      done(null, { user: login.username });
    },
  });
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  await mailer(url.replace("//", `//${credentials}`)).send(MAIL);
  expect(logins).toEqual([[user, password]]);
});

it("connects to nobody before the first mail, and is closed when those under way are sent", async () => {
  const gate = await startGate({ host: "127.0.0.1", port: Number(new URL(smtp.url).port) });
  closing.push(gate.stop);
  gate.shut();
  const one = mailer(`smtp://127.0.0.1:${gate.port}`);
  await one.close();
  gate.reopen();

  const release = smtp.hold();
  const sending = one.send(MAIL);
  let closed = false;
  const close = one.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([smtp.countTo(TO), closed]).toEqual([0, false]);
  release();
  await Promise.all([sending, close]);
  expect(smtp.countTo(TO)).toBe(1);
});

describe("TLS", () => {
  const secured: boolean[] = [];
  const start = async (options: SMTPServerOptions) => {
    secured.length = 0;
    const { cert, private: key } = certificate;
    const url = await serve({
      ...{ cert, key, disabledCommands: [] },
      onMailFrom(_address, session, done) {
        secured.push(session.secure);
        done();
      },
      ...options,
    });
    return { url, trusted: `?tls.ca=${encodeURIComponent(cert)}` };
  };

  it("is taken where the server offers it, and only from a server that can prove its name", async () => {
    const { url, trusted } = await start({});
    await expect(mailer(url).send(MAIL)).rejects.toThrow(
      /does not take the mail \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
    expect(secured).toEqual([]);
    await mailer(`${url}/${trusted}`).send(MAIL);
    expect(secured).toEqual([true]);
  });

  it("is asked for where a password goes to another machine, unless the URL says otherwise", async () => {
    const logins: unknown[] = [];
    const url = await serve({
      onAuth({ username }, _session, done) {
        logins.push(username);
        done(null, { user: username });
      },
    });
    // The same machine, by an address that does not look like it.
    const elsewhere = url.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    const withPassword = elsewhere.replace("//", "//operator:s3cret@");
    await expect(mailer(withPassword).send(MAIL)).rejects.toThrow(/refused the mail at STARTTLS/);
    expect(logins).toEqual([]);
    await mailer(elsewhere).send(MAIL);
    await mailer(`${withPassword}/?requireTLS=false`).send(MAIL);
    expect(logins).toEqual(["operator"]);
  });

  it("comes first with smtps", async () => {
    const { url, trusted } = await start({ secure: true });
    await mailer(`${url.replace("smtp:", "smtps:")}/${trusted}`).send(MAIL);
    expect(secured).toEqual([true]);
  });
});
