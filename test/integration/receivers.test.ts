import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { examineAlertmanager } from "../../scripts/doctor/alertmanager.ts";
import { loadConfig } from "../../src/config/load.ts";
import { environmentOf, printedSecrets, rendered, workloads } from "../support/manifests.ts";

const manifests = rendered("all-in-cluster");
const gateway = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === "breakwater-gateway");
const ADDRESS = `http://breakwater-gateway.${gateway?.metadata.namespace}.svc:${gateway?.spec.ports[0]?.port}/api/v1/signals/prometheus`;

describe("the receivers in deploy/receivers", () => {
  it("send to where the gateway's Service takes alerts", () => {
    const { receivers } = parse(readFileSync("deploy/receivers/alertmanager.yaml", "utf8"));
    expect(receivers[0].webhook_configs).toMatchObject([{ url: ADDRESS, send_resolved: true }]);
    const { contactPoints } = parse(readFileSync("deploy/receivers/grafana.yaml", "utf8"));
    expect(contactPoints[0].receivers).toMatchObject([
      { type: "webhook", disableResolveMessage: false, settings: { url: ADDRESS, httpMethod: "POST", authorization_scheme: "Bearer" } },
    ]);
  });

  it("leave the doctor nothing to mend beside the overlay's gateway, but a token that it cannot see", async () => {
    const workload = workloads(manifests).find(({ metadata }) => metadata.name === "breakwater-gateway");
    const [container] = workload?.spec.template.spec.containers ?? [];
    const loaded = loadConfig(container ? environmentOf(container, printedSecrets("all-in-cluster").secrets) : {}, "process");
    if (!loaded.ok || loaded.config.role !== "gateway") throw new Error("the overlay's gateway does not start");
    const findings = await examineAlertmanager("deploy/receivers/alertmanager.yaml", loaded.config.gateway);
    expect(findings.map(({ state, cause }) => [state, cause])).toEqual([
      ["ok", "alertmanager-routed"],
      ["unknown", "alertmanager-credential-hidden"],
    ]);
  });
});
