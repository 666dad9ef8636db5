import { expect, it } from "vitest";
import type { AllRoleConfig } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { welcome } from "../../../src/entry/welcome.ts";

function welcomeTo(env: Readonly<Record<string, string>>): string {
  const loaded = loadConfig(env, "process");
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const config = loaded.config as AllRoleConfig;
  return welcome({ config, port: 8787, adminToken: null, kubeconfig: config.kubernetes.kind === "emulation" ? "kubeconfig" : null });
}

it("whoever tries it out reads how long an alert waits for others", () => {
  expect(welcomeTo({})).toMatch(/storms +5 different alerts .* waits 3 s .*\n.* 60 s after/);
  expect(welcomeTo({ STORM_FIRST_REQUEST_SECONDS: "9", STORM_THRESHOLD: "2" })).toMatch(/storms +2 different alerts .* waits 9 s /);
});

it("whoever set no admin token, and is shown none, reads how to set one", () => {
  const source = { SOURCE_SHOP: JSON.stringify({ auth: [{ bearerSha256: "a".repeat(64) }] }) };
  expect(welcomeTo(source)).toMatch(/admin +closed: set ADMIN_TOKEN_SHA256 /);
  expect(welcomeTo({ ...source, ADMIN_TOKEN_SHA256: "b".repeat(64) })).not.toContain("admin");
});

it("nothing is said of it where storms are off, or the times are the documented ones", () => {
  expect(welcomeTo({ ENABLE_STORM_BUFFERING: "false" })).not.toContain("storms");
  expect(welcomeTo({ KUBE_CONFIG: "in-cluster" })).not.toContain("storms");
});
