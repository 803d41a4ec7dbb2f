import type { AppLoadContext } from "@remix-run/node";
import type { Email } from "postal-mime";
import { action as ask } from "~/routes/login";
import { action as choose, loader as open } from "~/routes/magic";
import { type Answer, call, get, post } from "./routes";
import { linkIn, type Smtp } from "./smtp";

/** A browser outside the admin, without a page: it keeps every cookie that it is given. */
export class LinkBrowser {
  readonly cookies = new Map<string, string>();
  private readonly userAgent =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Sends the form of /login. */
  ask(email: string, context: AppLoadContext = {}): Promise<Answer> {
    const request = post("/login", this.cookie, { email });
    request.headers.set("user-agent", this.userAgent);
    return this.keep(call(ask, request, context));
  }

  /** Asks for a link, and waits for it. */
  async askAndRead(email: string, smtp: Smtp): Promise<{ answer: Answer; mail: Email; path: string }> {
    const to = email.trim().toLowerCase();
    const seen = smtp.countTo(to);
    const answer = await this.ask(email);
    const mail = await smtp.mailTo(to, seen);
    const { pathname, search } = linkIn(mail);
    return { answer, mail, path: `${pathname}${search}` };
  }

  /** Opens the link, or the page that it leads to. */
  open(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const request = get(path, this.cookie, { "user-agent": this.userAgent, ...headers });
    return this.keep(call(open as never, request));
  }

  /** Chooses on the page that offers a choice. */
  choose(right: string): Promise<Answer> {
    return this.keep(call(choose, post("/magic", this.cookie, { right })));
  }

  private async keep(answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering;
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /; Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}
