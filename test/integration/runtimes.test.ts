import { blackBox } from "../runtime/black-box.ts";
import { RUNTIMES } from "../runtime/runtimes.ts";
import { openOn, openWorker } from "./runtimes-target.ts";

blackBox("workerd", "credentials", () => openWorker());
for (const runtime of ["bun", "deno", "node"] as const) blackBox(RUNTIMES[runtime].name, "credentials", () => openOn(runtime));
