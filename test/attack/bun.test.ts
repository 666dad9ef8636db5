import { attack } from "./harness/attack.ts";
import { openProcesses } from "./harness/process-stage.ts";

attack("Bun", () => openProcesses("bun"));
