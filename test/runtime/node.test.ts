import { blackBox } from "./black-box.ts";
import { openProcess } from "./process-target.ts";

blackBox("Node, the embedded default", "loopback", () => openProcess("node", "loopback"));
blackBox("Node, with credentials", "credentials", () => openProcess("node", "credentials"));
