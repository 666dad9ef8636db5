import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";
import { BUN } from "./runtimes.ts";

blackBox("Bun, the embedded default", "loopback", () => openProcess(BUN, "loopback"));
blackBox("Bun, with credentials", "credentials", () => openProcess(BUN, "credentials"));
