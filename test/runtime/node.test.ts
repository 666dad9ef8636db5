import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";
import { NODE } from "./runtimes.ts";

blackBox("Node, the embedded default", "loopback", () => openProcess(NODE, "loopback"));
blackBox("Node, with credentials", "credentials", () => openProcess(NODE, "credentials"));
