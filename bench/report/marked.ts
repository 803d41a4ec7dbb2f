/** The part of a page that a run writes: between `<!-- name:begin -->` and `<!-- name:end -->`. */
const pattern = (name: string) => new RegExp(`(<!-- ${name}:begin -->\\n)([\\s\\S]*?)(<!-- ${name}:end -->)`);

/** @throws where the page has no such marks */
export function markedPart(page: string, name: string): string {
  const part = pattern(name).exec(page)?.[2];
  if (part === undefined) throw new Error(`the page has no marks of ${name}`);
  return part;
}

/** The page with another such part. @throws where it has no such marks */
export function withMarkedPart(page: string, name: string, part: string): string {
  markedPart(page, name);
  return page.replace(pattern(name), (_, begin, _old, end) => `${begin}${part}${end}`);
}
