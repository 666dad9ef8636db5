import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";

blackBox("Bun, the embedded default", "loopback", () => openProcess("bun", "loopback"));
blackBox("Bun, with credentials", "credentials", () => openProcess("bun", "credentials"));
