// `npm run -s doctor -- [--alertmanager FILE|URL] [--json]`: looks at everything that a process with this environment needs, and names what is wrong with
// it, each with the command that comes next. Changes nothing. Exit code 3 where something is wrong, 2 where the command line is.
import { parseArgs } from "node:util";
import { heedProxies } from "../src/entry/proxies.ts";
import { diagnose } from "./doctor/diagnose.ts";
import { linesOf } from "./doctor/finding.ts";

const USAGE = "usage: npm run -s doctor -- [--alertmanager alertmanager.yml | http://alertmanager:9093] [--json]";

function readOptions() {
  try {
    return parseArgs({ options: { alertmanager: { type: "string" }, json: { type: "boolean", default: false } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return null;
  }
}

const options = readOptions();
if (options) {
  heedProxies();
  const findings = await diagnose(process.env, options.alertmanager);
  const isWrong = findings.some(({ state }) => state === "wrong");
  console.log(options.json ? JSON.stringify({ ok: !isWrong, findings }, null, 2) : linesOf(findings).join("\n"));
  process.exitCode = isWrong ? 3 : 0;
} else process.exitCode = 2;
