import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("docs/settings.md says what the settings table says", () => {
  expect(() => execFileSync(process.execPath, ["scripts/settings-docs.ts", "--check"], { stdio: "pipe" })).not.toThrow();
});
