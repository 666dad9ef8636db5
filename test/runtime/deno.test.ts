import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";

blackBox("Deno, the embedded default", "loopback", () => openProcess("deno", "loopback"));
blackBox("Deno, with credentials", "credentials", () => openProcess("deno", "credentials"));
