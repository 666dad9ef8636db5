// `npm run -s flags -- show | set FEATURE SHARE --reason TEXT | why [FEATURE] | next [FEATURE]`: features of a gateway, and shares of namespaces that have
// them. An admin token is read from ADMIN_TOKEN. Exit code 1 where the gateway does not do it, 2 where the command line is wrong.
import { parseArgs } from "node:util";
import { FEATURES, SHARE } from "../src/domain/feature.ts";
import { type FlagsShown, flagsAt, NotDone } from "./flags/gateway.ts";
import { nextLines, showLines, whyLines } from "./flags/lines.ts";

const USAGE = `usage: npm run -s flags -- show
       npm run -s flags -- set FEATURE SHARE --reason TEXT [--acknowledge RULE]
       npm run -s flags -- why | next [FEATURE]
  FEATURE  ${FEATURES.join(" or ")}
  SHARE    25%, true, false, or setting to go by the settings alone
  --cluster NAME  --url http://localhost:8787  --json`;

function readCommand(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = {
    cluster: text,
    reason: text,
    acknowledge: text,
    url: { ...text, default: "http://localhost:8787" },
    json: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [verb = "show", feature, share, ...more] = positionals;
  if (!/^https?:/.test(values.url) || !URL.canParse(values.url)) throw new Error("--url is the gateway's, such as http://localhost:8787");
  if (!["show", "set", "why", "next"].includes(verb)) throw new Error(`there is no ${verb}`);
  if (more.length > 0 || (verb !== "set" && share !== undefined) || (verb === "show" && feature !== undefined))
    throw new Error("that is too much");
  if (feature !== undefined && !(FEATURES as readonly string[]).includes(feature)) throw new Error(`there is no feature ${feature}`);
  const common = { verb, feature, url: new URL(values.url), cluster: values.cluster, json: values.json };
  if (verb !== "set") return { ...common, change: null };
  if (feature === undefined || share === undefined || !(share === "setting" || SHARE.test(share)))
    throw new Error("set takes a feature and a share");
  if (!values.reason) throw new Error("say why with --reason: it stands beside the share");
  const { cluster, reason, acknowledge } = values;
  const told = { ...(cluster !== undefined && { cluster }), ...(acknowledge !== undefined && { acknowledge }) };
  return { ...common, change: { feature, share: share === "setting" ? null : share, reason, ...told } };
}

async function run({ verb, feature, url, cluster, json, change }: ReturnType<typeof readCommand>): Promise<string> {
  const gateway = flagsAt(url, process.env.ADMIN_TOKEN ?? "");
  const clusters: readonly FlagsShown[] = change ? [await gateway.set(change)] : await gateway.show(cluster);
  if (json) return JSON.stringify({ clusters }, null, 2);
  const lines = verb === "why" ? whyLines(clusters, feature) : verb === "next" ? nextLines(clusters, feature) : showLines(clusters);
  return lines.join("\n");
}

let command: ReturnType<typeof readCommand> | undefined;
try {
  command = readCommand(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
if (command)
  try {
    console.log(await run(command));
  } catch (error) {
    if (!(error instanceof NotDone)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
