/** A browser without a page: sends requests to the app, follows nothing, and keeps the session's cookie. */
export class Visitor {
  cookie: string | undefined;

  constructor(readonly appUrl: string) {}

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(path, { headers });
  }

  /** A form of the app's own pages, sent as a browser sends it. */
  async post(
    path: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const fromOurPage = { origin: this.appUrl, "sec-fetch-site": "same-origin" };
    return this.send(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { ...fromOurPage, ...headers },
    });
  }

  /** Opens the app as the admin does, with a token. */
  async open(tenantId: string, account: string, theme = "light"): Promise<Response> {
    return this.get(`/app?${new URLSearchParams({ tenantId, account, adminUITheme: theme })}`);
  }

  private async send(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Response> {
    const headers = { ...(this.cookie && { cookie: this.cookie }), ...init.headers };
    const response = await fetch(`${this.appUrl}${path}`, { ...init, headers, redirect: "manual" });
    const [setCookie] = response.headers.getSetCookie();
    if (setCookie) this.cookie = setCookie.split(";")[0];
    return response;
  }
}
