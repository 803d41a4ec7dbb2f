import { createInterface } from "node:readline";

/** Asks for a yes on the terminal; Enter, Ctrl-C and Ctrl-D are a no. The question goes past standard output. */
export function confirm(
  question: string,
  { input = process.stdin as NodeJS.ReadableStream, output = process.stderr as NodeJS.WritableStream } = {},
): Promise<boolean> {
  const prompt = createInterface({ input, output });
  return new Promise((resolve) => {
    prompt.once("close", () => resolve(false));
    prompt.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()));
      prompt.close();
    });
  });
}
