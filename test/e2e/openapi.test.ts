import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { createPart, type Part } from "../support/part.ts";

/** The tool that reads an OpenAPI document and sends what it describes, and what it does not. */
const SCHEMATHESIS = "schemathesis==4.32.5";
const VENV = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "breakwater", SCHEMATHESIS);

/** Examples of each operation; a thousand take a quarter of an hour. */
const EXAMPLES = process.env.OPENAPI_EXAMPLES ?? "30";

/**
 * What does not fit here: a webhook is taken although some of its alerts cannot be judged, which become dead letters, and a key may not come with another
 * body, which no schema can say.
 */
const LEFT_OUT = "negative_data_rejection,positive_data_acceptance";

const ADMIN = "admin-token-of-the-tests";
const SOURCE = "source-token-of-the-tests";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const DOCUMENT = "openapi.json";

let dir: string;
let gateway: Part;

beforeAll(async () => {
  if (!existsSync(join(VENV, "bin/st"))) {
    execFileSync("python3", ["-m", "venv", VENV], { stdio: "pipe" });
    execFileSync(join(VENV, "bin/pip"), ["install", "--quiet", SCHEMATHESIS], { stdio: "pipe" });
  }
  dir = mkdtempSync(join(tmpdir(), "breakwater-openapi-"));
  const settings = {
    ADMIN_TOKEN_SHA256: sha256(ADMIN),
    SOURCE_TEST: JSON.stringify({ auth: [{ bearerSha256: sha256(SOURCE) }] }),
    KUBE_PORT: `${await freePort()}`,
  };
  gateway = await createPart(settings, dir);
  await gateway.start();
  const document = await fetch(`${gateway.url}/api/v1/openapi.json`, { headers: { authorization: `Bearer ${ADMIN}` } });
  writeFileSync(join(dir, DOCUMENT), await document.text());
}, 240_000);
afterAll(async () => {
  await gateway.stop();
  rmSync(dir, { recursive: true });
});

/** What Schemathesis printed, if it found something; and how many calls it made. */
async function explore(token: string, ...which: readonly string[]) {
  const args = ["run", DOCUMENT, "--url", gateway.url, "--no-color", "--continue-on-failure", "--phases", "examples,coverage,fuzzing"];
  const limits = ["--max-examples", EXAMPLES, "--request-timeout", "10", "--max-response-time", "10", "--exclude-checks", LEFT_OUT];
  const own = ["--header", `Authorization: Bearer ${token}`, "--generation-database", "none", ...which];
  const child = spawn(join(VENV, "bin/st"), [...args, ...limits, ...own], { cwd: dir });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  return { code, output, cases: Number(/(\d+) generated/.exec(output)?.[1] ?? 0) };
}

it.each([
  ["readers and administrators", ADMIN, ["--exclude-path-regex", "^/api/v1/signals"]],
  ["senders", SOURCE, ["--include-path-regex", "^/api/v1/signals"]],
])(
  "whatever the OpenAPI document describes, and what it does not, is answered as it says, to %s",
  { timeout: 3_600_000 },
  async (_, token, which) => {
    const { code, output, cases } = await explore(token, ...which);
    expect(code, output).toBe(0);
    expect(cases).toBeGreaterThan(100);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  },
);
