import type { LoaderFunctionArgs } from "@remix-run/node";
import { readMetrics } from "~/lib/metrics.server";

/** To whoever may not read them, there are none. */
export async function loader({ request }: LoaderFunctionArgs) {
  const metrics = await readMetrics(request);
  if (!metrics) return new Response("Not found\n", { status: 404, headers: { "Cache-Control": "no-store" } });
  return new Response(metrics.text, {
    headers: { "Content-Type": metrics.type, "Cache-Control": "no-store" },
  });
}
