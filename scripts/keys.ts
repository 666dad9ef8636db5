// `npm run -s keys`: makes a key pair for the calls of a gateway to a proxy, and prints both halves as settings.
// `npm run -s keys -- --secret [overlay]`: prints all Secrets of an overlay of deploy/overlays, with everything in them new, for `kubectl create -f -`.
import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { createKeyPair } from "./keys/key-pair.ts";
import { allInCluster, proxyForEdge } from "./keys/secrets.ts";

const USAGE = `usage: npm run -s keys
       npm run -s keys -- --secret [all-in-cluster]
       npm run -s keys -- --secret proxy-for-edge --gateway FILE`;

const leave = (line: string): never => {
  console.error(line);
  process.exit(2);
};

const print = (secrets: readonly object[]) =>
  process.stdout.write(secrets.map((secret) => stringify(secret, { lineWidth: 0 })).join("---\n"));

/** What the proxy needs goes to the cluster; the rest, of which nothing may be there, into a file that only its owner reads, as `wrangler secret bulk` takes it. */
async function printForEdge(file: string): Promise<void> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = process.env;
  if (!url || !token) return leave("UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN are needed in the environment");
  const { secrets, gateway } = await proxyForEdge({ url, token });
  try {
    writeSync(openSync(file, "wx", 0o600), `${JSON.stringify(gateway, null, 2)}\n`);
  } catch (error) {
    return leave(`${file} cannot be written anew: ${(error as NodeJS.ErrnoException).code}`);
  }
  print(secrets);
}

async function printSettings(): Promise<void> {
  const { signingKey, verifyKey } = await createKeyPair();
  console.log(`CRD_PROXY_SIGNING_KEY='${signingKey}'\nCRD_PROXY_VERIFY_KEYS='${verifyKey}'`);
}

function read() {
  try {
    return parseArgs({ options: { secret: { type: "boolean" }, gateway: { type: "string" } }, allowPositionals: true });
  } catch {
    return leave(USAGE);
  }
}

const { values, positionals } = read();
const { secret, gateway } = values;
const overlay = positionals.join(" ") || "all-in-cluster";

if (!secret && !gateway && positionals.length === 0) await printSettings();
else if (secret && !gateway && overlay === "all-in-cluster") print(await allInCluster());
else if (secret && gateway && overlay === "proxy-for-edge") await printForEdge(gateway);
else leave(USAGE);
