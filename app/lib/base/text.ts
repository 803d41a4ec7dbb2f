/** Whether PostgreSQL's text can hold it: no NUL character, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** The text without what PostgreSQL cannot hold, and without white space around it. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed().trim();
}
