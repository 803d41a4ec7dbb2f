export const loader = () => Response.json({ status: "up" }, { headers: { "Cache-Control": "no-store" } });
