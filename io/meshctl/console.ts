/** Where meshctl prints: results to standard output, everything else to standard error. */

export interface Console {
  readonly isJson: boolean;
  /** A result: `text` for a person, `document` for `--json`. Waits when the reader is slow. */
  print(text: string, document: unknown): Promise<void>;
  /** A word on the side. */
  say(line: string): void;
  /** A line that is written over again and again; nothing where nobody watches. */
  progress(line: string): void;
}

export function terminal(isJson: boolean): Console {
  let isProgressShown = false;
  const clear = (): void => {
    if (isProgressShown) process.stderr.write('\r\u001b[K');
    isProgressShown = false;
  };
  return {
    isJson,
    print: async (text, document) => {
      clear();
      const line = isJson ? JSON.stringify(document) : text;
      if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    },
    say: (line) => {
      clear();
      process.stderr.write(`${line}\n`);
    },
    progress: (line) => {
      if (!process.stderr.isTTY || isJson) return;
      process.stderr.write(`\r\u001b[K${line}`);
      isProgressShown = true;
    },
  };
}
