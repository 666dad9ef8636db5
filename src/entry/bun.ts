import { tellHealth } from "./health.ts";
import { run } from "./run.ts";

if (process.argv[2] === "health") await tellHealth();

await run();
