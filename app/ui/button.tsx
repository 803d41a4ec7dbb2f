import type { ComponentProps } from "react";

const BASE =
  "inline-flex shrink-0 cursor-pointer items-center justify-center rounded-control font-medium whitespace-nowrap transition-colors";
const SIZES = { regular: "h-[46px] px-5", small: "h-[34px] px-3 text-sm" };
const KINDS = {
  primary: "bg-primary text-on-primary hover:bg-primary-hover",
  danger: "border border-error/60 bg-surface text-error hover:border-error hover:bg-error/10",
  quiet: "border border-card-line bg-surface text-text hover:border-field-line hover:bg-surface-secondary",
};

type Look = { size?: keyof typeof SIZES; kind?: keyof typeof KINDS };

/** The look of a button, for links that lead on as one. */
export function buttonClass({ size = "regular", kind = "primary" }: Look = {}): string {
  return `${BASE} ${SIZES[size]} ${KINDS[kind]}`;
}

export function Button({ size, kind, type = "button", ...props }: Look & ComponentProps<"button">) {
  return <button type={type} className={buttonClass({ size, kind })} {...props} />;
}
