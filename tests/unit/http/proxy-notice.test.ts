import { expect, it, vi } from "vitest";
import { noticeUntrustedProxy } from "../../../app/lib/http/proxy-notice";
import { serve } from "./support";

const FORWARDED = { "x-forwarded-for": "192.0.2.7" };

it("C5: a proxy in front that is not trusted is told once", async () => {
  const warn = vi.fn();
  const send = await serve(noticeUntrustedProxy(false, { warn }));
  await send("GET", "/");
  expect(warn).not.toHaveBeenCalled();
  for (let i = 0; i < 3; i += 1) expect((await send("GET", "/", FORWARDED)).status).toBe(200);
  expect(warn.mock.calls).toEqual([[expect.stringContaining("set TRUST_PROXY")]]);
});

it.each([true, 1, ["loopback"]])(
  "where TRUST_PROXY is set (%j) there is nothing to tell",
  async (setting) => {
    const warn = vi.fn();
    const send = await serve(noticeUntrustedProxy(setting, { warn }));
    await send("GET", "/", FORWARDED);
    expect(warn).not.toHaveBeenCalled();
  },
);
