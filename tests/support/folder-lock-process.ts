import { createInterface } from "node:readline";
import { messageOf } from "../../app/lib/base/errors";
import { lockFolder } from "../../app/lib/db/folder-lock";

const lock = (folder: string) =>
  lockFolder(folder).then(
    () => ({ pid: process.pid }),
    (error) => ({ pid: process.pid, refused: messageOf(error) }),
  );

/** A process that locks all folders that a line of standard input names, at the same time, and holds what it gets. */
for await (const line of createInterface({ input: process.stdin })) {
  const answers = await Promise.all((JSON.parse(line) as string[]).map(lock));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
