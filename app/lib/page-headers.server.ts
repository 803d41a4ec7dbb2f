import type { HeadersFunction } from "@remix-run/node";

/**
 * DOOR: the headers of every page. What a page shows belongs to one person: nobody keeps it (ASVS 5.0, 14.3.2).
 * What could not be done says when to come back, whether it stopped the page or not.
 */
export const pageHeaders: HeadersFunction = ({ errorHeaders, actionHeaders }) => {
  const refused = errorHeaders ?? (actionHeaders.has("Retry-After") ? actionHeaders : undefined);
  return refused ?? { "Cache-Control": "private, no-store" };
};

/** Of an answer to an address that holds a token: not stored, and the address is passed on to no other site. */
export const NO_STORE_NO_REFERRER = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
