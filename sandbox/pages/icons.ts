import { type Html, html } from "./html";

const shapes = {
  dashboard: html`<rect x="3" y="3" width="7" height="8" rx="1" /><rect x="14" y="3" width="7" height="5" rx="1" />
    <rect x="14" y="12" width="7" height="9" rx="1" /><rect x="3" y="15" width="7" height="6" rx="1" />`,
  orders: html`<path d="M6 3h12v18l-3-2-3 2-3-2-3 2z" /><path d="M9.5 8h5M9.5 12h5" />`,
  customers: html`<circle cx="9" cy="8" r="3.5" /><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6" />
    <path d="M16 4.800a3.5 3.5 0 0 1 0 6.400M18.5 14.500c1.7.9 2.7 2.7 3 5.5" />`,
  products: html`<path d="M10 2.500h4M10.5 2.500v5L8 11v9.500h8V11l-2.5-3.500v-5M8 14.500h8" />`,
  club: html`<path d="M7 3h10l.5 5a5.5 5.5 0 0 1-11 0zM12 13.500V21M8.5 21h7" />`,
  apps: html`<rect x="3.5" y="3.5" width="7" height="7" rx="1" /><rect x="13.5" y="3.5" width="7" height="7" rx="1" />
    <rect x="3.5" y="13.5" width="7" height="7" rx="1" /><path d="M17 13.500v7M13.5 17h7" />`,
  sun: html`<circle cx="12" cy="12" r="4" />
    <path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4" />`,
  moon: html`<path d="M20.5 14A8.5 8.5 0 0 1 10 3.5 8.5 8.5 0 1 0 20.5 14z" />`,
  chevron: html`<path d="m6 9 6 6 6-6" />`,
  back: html`<path d="m14 6-6 6 6 6" />`,
  mail: html`<rect x="3" y="5" width="18" height="14" rx="1.5" /><path d="m3.5 6.500 8.5 7 8.5-7" />`,
  reload: html`<path d="M20 11a8 8 0 1 0-2.3 6.300M20 4.500V11h-6.5" />`,
};

/** A line icon in the colour of the text around it; decoration, hidden from screen readers. */
export function icon(name: keyof typeof shapes): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[name]}</svg>`;
}

/** Libero's mark in the admin. */
export function appMark(): Html {
  return html`<svg class="app-mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M11 7v18h10" /><circle cx="20" cy="12" r="1.6" /></svg>`;
}
