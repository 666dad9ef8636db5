import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";
import { DENO } from "./runtimes.ts";

blackBox("Deno, the embedded default", "loopback", () => openProcess(DENO, "loopback"));
blackBox("Deno, with credentials", "credentials", () => openProcess(DENO, "credentials"));
