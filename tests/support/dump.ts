/** How a secret might be written down: as it is, and its text or its bytes in the usual codes. */
export function writings(secret: string): string[] {
  const texts = [Buffer.from(secret), Buffer.from(secret, "base64url")];
  const coded = texts.flatMap((bytes) => [
    ...[bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
    ...[bytes.toString("base64"), bytes.toString("base64url")],
  ]);
  return [secret, encodeURIComponent(secret), ...coded];
}

/** Which of these stand in the dump; their first characters are enough to know them by. */
export function foundIn(dump: string, needles: string[]): string[] {
  const LENGTH = 20;
  const wanted = new Set(needles.map((needle) => needle.slice(0, LENGTH)));
  const found: string[] = [];
  for (let at = 0; at + LENGTH <= dump.length; at++) {
    const piece = dump.slice(at, at + LENGTH);
    if (wanted.has(piece)) found.push(piece);
  }
  return found;
}
