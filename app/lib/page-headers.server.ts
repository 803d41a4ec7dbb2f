import type { HeadersFunction } from "@remix-run/node";

/** DOOR: the headers of every page. What a page shows belongs to one person: nobody keeps it (ASVS 5.0, 14.3.2). */
export const pageHeaders: HeadersFunction = ({ errorHeaders }) =>
  errorHeaders ?? { "Cache-Control": "private, no-store" };
