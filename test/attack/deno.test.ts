import { attack } from "./harness/attack.ts";
import { openProcesses } from "./harness/process-stage.ts";

attack("Deno", () => openProcesses("deno"));
