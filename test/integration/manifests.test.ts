import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { loadConfig } from "../../src/config/load.ts";
import { RUNTIMES } from "../runtime/runtimes.ts";
import {
  type Container,
  environmentOf,
  type Manifest,
  type NetworkPeer,
  type NetworkPolicy,
  OVERLAYS,
  type PodSpec,
  printedSecrets,
  rendered,
  type Selector,
  selects,
  workloads,
} from "../support/manifests.ts";
import { askApiServer, freshName, kubectl } from "../support/real-parts.ts";

/** Where nothing of ours listens: DNS, and the API server's Service and address. */
const OUTSIDE = [53, 443, 6443];

const containerOf = ({ spec }: Manifest): Container => spec.template.spec.containers[0];
const componentOf = ({ spec }: Manifest) => spec.template.metadata.labels["app.kubernetes.io/component"] as "gateway" | "proxy" | "bridge";

async function restrictedNamespace(): Promise<string> {
  const name = freshName("restricted");
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await askApiServer("/api/v1/namespaces", { method: "POST", body: { metadata: { name, labels } } });
  return name;
}

/** What the API server says to a pod of a template in a namespace, without making it. */
async function tryPod(namespace: string, { spec }: Manifest, changed: Partial<PodSpec> = {}) {
  const { metadata, spec: pod } = spec.template;
  // A StatefulSet makes each claim for its pod.
  const claimed = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const volumes = [...(pod.volumes ?? []), ...claimed];
  const body = { metadata: { name: "tried", labels: metadata.labels }, spec: { ...pod, volumes, ...changed } };
  return askApiServer(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, { method: "POST", body });
}

describe.each(OVERLAYS)("the overlay %s", (overlay) => {
  const manifests = rendered(overlay);
  const { secrets } = printedSecrets(overlay);
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy") as unknown as NetworkPolicy[];
  const own = workloads(manifests).filter((each) => containerOf(each).name === "breakwater");

  it("is taken by the API server, down to the last field", () => {
    const printed = kubectl(["apply", "--dry-run=server", "--validate=strict", "-k", `deploy/overlays/${overlay}`]);
    expect(printed.trim().split("\n")).toHaveLength(manifests.length);
  });

  it("starts pods that a namespace takes which enforces the standard `restricted`", async () => {
    const namespace = await restrictedNamespace();
    for (const each of workloads(manifests))
      expect([each.metadata.name, (await tryPod(namespace, each)).status]).toEqual([each.metadata.name, 201]);
  });

  it("starts no pod that such a namespace would take with less", async () => {
    const namespace = await restrictedNamespace();
    for (const each of workloads(manifests)) {
      const { securityContext, containers } = each.spec.template.spec;
      const container = containers[0];
      const without = (context: object, field: string) => ({ ...context, [field]: undefined });
      const violations: Partial<PodSpec>[] = [
        ...["runAsNonRoot", "seccompProfile"].map((field) => ({ securityContext: without(securityContext, field) })),
        ...["allowPrivilegeEscalation", "capabilities"].map((field) => ({
          containers: [{ ...container, securityContext: without(container.securityContext, field) }] as const,
        })),
      ];
      for (const violation of violations) expect((await tryPod(namespace, each, violation)).status).toBe(403);
    }
  });

  it("gives no pod a file system to write to but a volume, nor a token but the proxy", () => {
    for (const each of workloads(manifests)) {
      const { serviceAccountName, automountServiceAccountToken, enableServiceLinks } = each.spec.template.spec;
      expect(containerOf(each).securityContext).toMatchObject({ readOnlyRootFilesystem: true });
      expect({ automountServiceAccountToken, enableServiceLinks }).toEqual({
        automountServiceAccountToken: componentOf(each) === "proxy",
        enableServiceLinks: false,
      });
      const account = manifests.find(({ kind, metadata }) => kind === "ServiceAccount" && metadata.name === serviceAccountName);
      expect(account?.metadata.namespace).toBe("kubernaut-system");
    }
  });

  it("bounds the memory of each container, and says what it takes at rest", () => {
    for (const each of workloads(manifests))
      expect(containerOf(each).resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
  });

  it("runs one image, of this version", () => {
    expect(new Set(own.map((each) => containerOf(each).image))).toEqual(new Set([`breakwater:${packageJson.version}`]));
  });

  it("starts two of each role, of which one may go at a time", () => {
    const budgets = manifests.filter(({ kind }) => kind === "PodDisruptionBudget");
    for (const each of own) {
      expect(each.spec.replicas).toBe(2);
      const meant = budgets.filter(({ spec }) => selects(spec.selector as Selector, each.spec.template.metadata.labels));
      expect(meant.map(({ spec }) => spec)).toMatchObject([{ maxUnavailable: 1 }]);
    }
  });

  it("gives each process the time that it takes to leave in order", () => {
    const [requestsMs, leftMs] = [10_000, 10_000]; // those under way, and what they leave behind
    for (const each of own) {
      const loaded = loadConfig(environmentOf(containerOf(each), secrets), "process");
      const delayMs = loaded.ok ? loaded.config.shutdownDelayMs : Number.NaN;
      expect(delayMs).toBeGreaterThan(0);
      expect(each.spec.template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(delayMs + requestsMs + leftMs);
    }
  });

  it("names settings that each role knows, whole and without a problem", () => {
    for (const each of own) {
      const loaded = loadConfig(environmentOf(containerOf(each), secrets), "process");
      expect(loaded).toMatchObject({ ok: true, config: { role: componentOf(each), server: { port: 8787, bindAddress: "0.0.0.0" } } });
      const ignored = loaded.ok ? loaded.warnings.filter((warning) => !warning.includes("plain http")) : [];
      expect(ignored).toEqual([]);
    }
  });

  it("refers to Secrets and ConfigMaps that are there, and each that is printed for pods is used", () => {
    const wanted = workloads(manifests).flatMap((each) => {
      const volumes = each.spec.template.spec.volumes ?? [];
      const maps = volumes.flatMap(({ configMap }) => configMap?.name ?? []);
      for (const map of maps) expect(manifests.some(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === map)).toBe(true);
      return [
        ...(containerOf(each).envFrom ?? []).map(({ secretRef }) => secretRef.name),
        ...volumes.flatMap(({ secret }) => secret?.secretName ?? []),
      ];
    });
    expect(wanted.sort()).toEqual([...secrets.keys()].filter((name) => name !== "breakwater-tokens").sort());
  });

  it("holds no secret itself", () => {
    const everything = JSON.stringify(manifests);
    const values = [...secrets.values()].flatMap((texts) => Object.values(texts));
    expect(values.filter((value) => everything.includes(value))).toEqual([]);
    expect(manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
  });

  it("has a process that misses its Secret say which setting is missing, and end with 2", () => {
    const { command, args } = RUNTIMES.bun;
    const needed = { gateway: "CRD_PROXY_SIGNING_KEY", proxy: "CRD_PROXY_VERIFY_KEYS", bridge: "BRIDGE_TOKEN" };
    for (const each of own) {
      const env = { PATH: process.env.PATH, ...environmentOf(containerOf(each), new Map()) };
      const { status, stderr } = spawnSync(command, args, { encoding: "utf8", env });
      expect([status, stderr]).toEqual([2, expect.stringContaining(`breakwater: ${needed[componentOf(each)]} is needed`)]);
    }
  });

  it("leaves no key of a Secret out in silence, but where nobody is let in without it", () => {
    const optional = ["ADMIN_TOKEN_SHA256", "READ_TOKEN_SHA256", "SOURCE_ALERTMANAGER", "SOURCE_GRAFANA"];
    for (const each of own) {
      const whole = environmentOf(containerOf(each), secrets);
      const names = (containerOf(each).envFrom ?? []).flatMap(({ secretRef }) => Object.keys(secrets.get(secretRef.name) ?? {}));
      for (const name of names.filter((one) => !optional.includes(one))) {
        const loaded = loadConfig({ ...whole, [name]: undefined }, "process");
        expect(loaded.ok ? `starts without ${name}` : loaded.problems.join("\n")).toMatch(
          new RegExp(`\\b${name}\\b.* (is needed|must be set)`),
        );
      }
    }
  });

  it("has a Service for each address that a setting names, and each Service leads to a port of its pods", () => {
    const services = manifests.filter(({ kind }) => kind === "Service");
    for (const { metadata, spec } of services) {
      const pods = workloads(manifests).filter((each) =>
        selects({ matchLabels: spec.selector as Readonly<Record<string, string>> }, each.spec.template.metadata.labels),
      );
      expect([metadata.name, pods.length]).toEqual([metadata.name, 1]);
      const names = pods.flatMap((pod) => containerOf(pod).ports.map(({ name }) => name));
      for (const { targetPort } of spec.ports) expect(names).toContain(targetPort);
    }
    const addresses = own.flatMap((each) =>
      Object.values(environmentOf(containerOf(each), secrets)).filter((value) => /^[a-z]+:\/\//.test(value)),
    );
    const inside = addresses.map((address) => new URL(address)).filter(({ hostname }) => hostname.startsWith("breakwater-"));
    for (const { hostname, port } of inside) {
      const service = services.find(({ metadata }) => metadata.name === hostname);
      expect(service?.spec.ports.map((each) => each.port)).toContain(Number(port));
    }
  });

  it("asks each process by its own port whether it lives and can work", () => {
    for (const each of own) {
      const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(each);
      expect(ports.map(({ name, containerPort }) => [name, containerPort])).toEqual([["http", 8787]]);
      for (const probe of [startupProbe, livenessProbe]) expect(probe?.httpGet).toEqual({ path: "/health", port: "http" });
      expect(readinessProbe.httpGet).toEqual({ path: "/ready", port: "http" });
    }
  });

  it("closes the network of each pod both ways, and opens only ports that something listens on", () => {
    const pods = workloads(manifests);
    for (const { spec } of pods) {
      const closing = policies.filter(
        (policy) => selects(policy.spec.podSelector, spec.template.metadata.labels) && !policy.spec.ingress && !policy.spec.egress,
      );
      expect(closing.map((policy) => policy.spec.policyTypes)).toEqual([["Ingress", "Egress"]]);
    }
    const portsOf = (meant: readonly Manifest[]) =>
      meant.flatMap((each) => containerOf(each).ports.map(({ containerPort }) => containerPort));
    const among = (peers: readonly NetworkPeer[] | undefined) =>
      pods.filter(({ spec }) =>
        peers?.some(
          ({ podSelector, namespaceSelector }) => podSelector && !namespaceSelector && selects(podSelector, spec.template.metadata.labels),
        ),
      );
    for (const { metadata, spec } of policies) {
      const selected = pods.filter((pod) => selects(spec.podSelector, pod.spec.template.metadata.labels));
      expect([metadata.name, selected.length > 0]).toEqual([metadata.name, true]);
      for (const { from, ports } of spec.ingress ?? []) {
        expect(portsOf(selected)).toEqual(expect.arrayContaining(ports.map(({ port }) => port)));
        const foreign = from?.some(({ namespaceSelector }) => namespaceSelector);
        expect(foreign || among(from).length > 0).toBe(true);
      }
      for (const { to, ports } of spec.egress ?? []) {
        const reached = among(to);
        for (const { port } of ports) expect(reached.length > 0 ? portsOf(reached) : OUTSIDE).toContain(port);
      }
    }
  });

  it("lets each part reach what its settings name, from both ends", () => {
    const labelsOf = (component: string) =>
      workloads(manifests).find((each) => componentOf(each) === component)?.spec.template.metadata.labels ?? {};
    const allows = (side: "ingress" | "egress", of: string, peer: string, port: number) =>
      policies
        .filter(({ spec }) => selects(spec.podSelector, labelsOf(of)))
        .flatMap(({ spec }) => spec[side] ?? [])
        .some(
          ({ from, to, ports }) =>
            (from ?? to)?.some(({ podSelector }) => podSelector && selects(podSelector, labelsOf(peer))) &&
            ports.some((each) => each.port === port),
        );
    const called = own.flatMap((each) =>
      Object.values(environmentOf(containerOf(each), secrets))
        .filter((value) => /^[a-z]+:\/\/.*breakwater-/.test(value))
        .map((value) => ({
          from: componentOf(each),
          to: new URL(value).hostname.replace("breakwater-", ""),
          port: Number(new URL(value).port),
        })),
    );
    expect(called).toHaveLength(overlay === "all-in-cluster" ? 4 : 0);
    for (const { from, to, port } of called) {
      expect([from, to, allows("egress", from, to, port)]).toEqual([from, to, true]);
      expect([from, to, allows("ingress", to, from, port)]).toEqual([from, to, true]);
    }
  });
});
