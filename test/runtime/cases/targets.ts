import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Client, EVENTS, PROMETHEUS } from "../client.ts";
import { alertIn, eventIn, fresh, webhook } from "../payloads.ts";

interface Explained {
  readonly fingerprint: string;
  readonly explain: {
    readonly rule: string;
    readonly target: { readonly namespace: string; readonly kind: string; readonly name: string };
    readonly setAside: readonly { readonly label: string }[];
  };
}

interface Case {
  readonly alertname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sibling: Readonly<Record<string, string>> | null;
  readonly same?: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = JSON.parse(readFileSync("test/cases/targets.json", "utf8")).alerts;

/** What alerts are found to be about; the answers are the same on every runtime. */
export function targetCases(client: () => Client): void {
  const explain = async (alerts: readonly (readonly [alertname: string, labels: Readonly<Record<string, string>>])[]) => {
    const payload = webhook(alerts.map(([alertname, labels]) => ({ status: "firing", labels: { ...labels, alertname } })));
    const answer = await client().post(`${PROMETHEUS}?dryRun=true`, payload);
    expect(answer.status).toBe(200);
    return answer.results as unknown as readonly Explained[];
  };

  it("finds the recorded target of each alert, by the recorded rule, under the recorded fingerprint", async () => {
    const found = await explain(CASES.map(({ alertname, labels }) => [alertname, labels]));
    const told = found.map(({ fingerprint, explain: { rule, target } }, at) => {
      const name = target.kind === "Unknown" ? "" : `:${target.name}`;
      return `${CASES[at]?.alertname} ${rule} ${target.namespace}:${target.kind}${name} ${fingerprint}`;
    });
    await expect(`${told.join("\n")}\n`).toMatchFileSnapshot("../cases/targets.golden.txt");
  });

  it("keeps another problem apart, and knows the same one again", async () => {
    const fingerprints = async (change: (each: Case) => Readonly<Record<string, string>>) =>
      (await explain(CASES.map((each) => [each.alertname, { ...each.labels, ...change(each) }]))).map(({ fingerprint }) => fingerprint);
    const own = await fingerprints(() => ({}));
    const siblings = await fingerprints(({ sibling }) => sibling ?? {});
    const same = await fingerprints((each) => each.same ?? {});
    CASES.forEach(({ alertname, sibling }, at) => {
      if (sibling) expect(siblings[at], alertname).not.toBe(own[at]);
      expect(same[at], alertname).toBe(own[at]);
    });
  });

  it("explains a target: the rule, the labels used, and those set aside with the reason", async () => {
    const { namespace } = client().target;
    const scraped = { job: "events-kafka-exporter", namespace, pod: "events-kafka-exporter-6d-1", instance: "10.244.3.9:9308" };
    const [topic] = await explain([["UnderReplicatedPartition", { ...scraped, topic: "orders" }]]);
    expect(topic?.explain).toEqual({
      rule: "unknown",
      target: { namespace, kind: "Unknown", name: expect.stringMatching(/^[0-9a-f]{32}$/) },
      used: [],
      setAside: [
        { label: "job", why: "says where the sample was collected" },
        { label: "namespace", why: "is where the sample was collected" },
        { label: "pod", why: "is the reporter's own pod" },
        { label: "instance", why: "says where the sample was collected" },
      ],
      apart: ["job", "namespace", "topic", "alertname"],
      passedOver: [],
    });
  });

  it("names a custom kind that is called like a built-in one with its group, in its namespace", async () => {
    const { namespace } = client().target;
    const name = fresh();
    const custom = eventIn(namespace, { involvedObject: { apiVersion: "longhorn.io/v1beta2", kind: "Node", namespace, name } });
    const core = eventIn("default", { involvedObject: { kind: "Node", name } });
    const [one, other] = (await client().post(`${EVENTS}?dryRun=true`, [custom, core])).results as unknown as readonly Explained[];
    expect(one?.explain).toMatchObject({
      rule: "event-object",
      target: { namespace, kind: "Node.longhorn.io", name, group: "longhorn.io" },
    });
    expect(other?.explain.target).toEqual({ namespace: "", kind: "Node", name });
    expect(one?.fingerprint).not.toBe(other?.fingerprint);
  });

  it("takes an alert whose namespace is another world's, and one with contradicting or many labels", async () => {
    const { fallbackNamespace, namespace } = client().target;
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`label_${at}`, fresh()]));
    const alerts = [
      alertIn("AWS/RDS", { pod: "", dimension: fresh() }),
      alertIn(namespace, { exported_pod: "web-1", note: fresh() }),
      alertIn(namespace, { ...many, topic: "x".repeat(50_000) }),
    ];
    const { status, results } = await client().post(PROMETHEUS, webhook(alerts));
    expect([status, results.map(({ outcome }) => outcome)]).toEqual([201, ["created", "created", "created"]]);
    expect(results.map(({ remediationRequest }) => remediationRequest?.namespace)).toEqual([fallbackNamespace, namespace, namespace]);
  });

  it("counts which rules found targets", async () => {
    const { text } = await client().read("/metrics");
    expect(text).toMatch(
      /^gateway_targets_total\{cluster="[^"]+",rule="pod"\} [1-9]\d*$|^gateway_targets_total\{rule="pod",cluster="[^"]+"\} [1-9]\d*$/m,
    );
  });
}
