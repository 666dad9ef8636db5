import { afterEach } from "vitest";
import { lastOutputs } from "./process.ts";

/** A test that fails beside real parts tells what they said: on another machine nobody can ask them afterwards. */
afterEach(({ task }) => {
  if (task.result?.state === "fail") console.error(lastOutputs().join("\n\n"));
});
