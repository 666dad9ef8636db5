import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../../src/config/load.ts";
import { printedSecrets, type Selector } from "../../support/manifests.ts";

const wrangler = readFileSync("wrangler.toml", "utf8");
const production =
  /\[env\.production\.secrets\]\nrequired = (?<required>\[.*\])\n\[env\.production\.vars\]\nCLUSTER_NAME = "(?<cluster>.*)"/.exec(wrangler);
const required = JSON.parse(production?.groups?.required ?? "[]") as string[];
const { secrets, gateway } = printedSecrets("proxy-for-edge");

describe("a gateway at the edge and the overlay proxy-for-edge", () => {
  it("name the cluster alike", () => {
    const { spec } = parse(readFileSync("deploy/overlays/proxy-for-edge/proxy-cluster.yaml", "utf8"));
    expect(spec.template.spec.containers[0].env).toEqual([{ name: "CLUSTER_NAME", value: production?.groups?.cluster }]);
  });

  it("have by their printed secrets all that the Worker requires, but the tunnel's address", () => {
    expect(required.filter((name) => !(name in (gateway ?? {})))).toEqual(["CRD_PROXY_URL"]);
    const env = { ...gateway, CRD_PROXY_URL: "https://proxy.example", CLUSTER_NAME: production?.groups?.cluster };
    expect(loadConfig(env, "worker")).toMatchObject({ ok: true, warnings: [] });
  });

  it("let the connector of the page through, and nobody else", () => {
    const { spec } = parse(readFileSync("deploy/overlays/proxy-for-edge/tunnel.yaml", "utf8"));
    const labels = spec.ingress.flatMap(({ from }: { from: { namespaceSelector: Selector; podSelector: Selector }[] }) =>
      from.flatMap(({ namespaceSelector, podSelector }) => [podSelector.matchLabels, namespaceSelector.matchLabels]),
    );
    const page = readFileSync("docs/deploy-edge.md", "utf8");
    const told = [...page.matchAll(/`([\w./]+): "?(\w+)"?`/g)].map(([, key = "", value]) => ({ [key]: value }));
    expect(labels).toEqual(told);
  });

  it("know each other by one key, and have one ledger", () => {
    const proxy = secrets.get("breakwater-proxy");
    const { d: _, ...shown } = JSON.parse(gateway?.CRD_PROXY_SIGNING_KEY ?? "");
    expect(JSON.parse(proxy?.CRD_PROXY_VERIFY_KEYS ?? "")).toEqual(shown);
    for (const name of ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"]) expect(proxy?.[name]).toBe(gateway?.[name]);
  });
});
