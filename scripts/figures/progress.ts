import { writeSync } from "node:fs";

/** A line for who waits for a long measurement; standard output is for figures. */
export function tell(line: string): void {
  writeSync(2, `${line}\n`);
}
