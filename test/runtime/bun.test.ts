import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";

const BUN = ["bun", ["src/entry/bun.ts"]] as const;

blackBox("Bun, the embedded default", "loopback", () => openProcess(...BUN, "loopback"));
blackBox("Bun, with credentials", "credentials", () => openProcess(...BUN, "credentials"));
