import { readFileSync, writeFileSync } from "node:fs";
import { identify } from "../src/domain/target/identity.ts";
import { APART_LABELS, OBJECT_LABELS, OPEN_TELEMETRY, WORKLOAD_LABELS } from "../src/domain/target/label-tables.ts";
import { APPLICATIONS, REPORTER_WORDS, REPORTERS, type Reporter } from "../src/domain/target/reporters.ts";
import { RULES } from "../src/domain/target/rules.ts";
import { targetOf } from "../src/domain/target/target-of.ts";

/** Fills the generated parts of docs/targets.md from the tables in the code; with `--check` only compares, and fails where they are out of date. */
const PAGE = new URL("../docs/targets.md", import.meta.url);

const code = (words: Iterable<string>): string => [...words].map((word) => `\`${word}\``).join(", ");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function objectsOf({ objects, named }: Reporter): string {
  const nameOf = named ? `\`name\`: ${named.kind}${named.beside ? `, beside \`${named.beside}\`` : ""}` : "";
  const labels = objects === "all" ? "every label" : code(objects);
  return [labels, nameOf].filter(Boolean).join("; ") || "none";
}

/** An alert's labels and what a dry run explains of them. */
async function dryRun(labels: Readonly<Record<string, string>>): Promise<string> {
  const target = targetOf(labels, { rules: [], mayWrite: () => true, explains: true });
  if (!target) throw new Error("refused");
  const { rule, namespace, resource, explanation } = await identify(labels.alertname ?? "", target);
  const told = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const explain = { rule, target: { namespace, ...resource }, ...explanation };
  return `\`\`\`\n${told.join("\n")}\n\`\`\`\n\n\`\`\`json\n${JSON.stringify(explain, null, 1)}\n\`\`\``;
}

/** What each rule takes for certain. */
const MEANINGS: Readonly<Record<string, string>> = {
  "custom-resource": "`customresource_kind` and `name`, where `exported_namespace` stands beside them.",
  "object-label": "a label called like a kind, such as `persistentvolumeclaim`, with its own `<label>_namespace` if there is one.",
  "kind-and-name": "one pair of `<prefix>_kind` and `<prefix>_name`.",
  "reporter-name": "the `name` of a reporter whose row says what that is.",
  "mesh-destination": "the service that a mesh's request went to.",
  workload: "`statefulset` and its like.",
  pod: "the subject's pod, with the namespace of the same spelling.",
  "collector-workload": "a workload that a collector adds to a pod's sample, where no pod is named.",
  service: "the subject's service; without a reporter also the scraped one.",
  ingress: "the subject's ingress.",
  node: "the subject's node.",
};

const parts: Readonly<Record<string, string>> = {
  rules: RULES.map(([name], index) => `${index + 1}. \`${name}\`: ${MEANINGS[name]}`).join("\n"),
  reporters: table(
    ["Reporter", "Its labels that name Kubernetes objects", "Once per node"],
    REPORTERS.map((each) => [code(each.names), objectsOf(each), each.perNode ? "yes" : ""]),
  ),
  words: `Words that give away a reporter outside of this table: ${code(REPORTER_WORDS)}. Called like one and none: ${code(APPLICATIONS)}.`,
  labels: table(
    ["Label", "Kind"],
    [...OBJECT_LABELS, ...WORKLOAD_LABELS].map(([label, kind]) => [`\`${label}\``, kind]),
  ),
  spellings: code(OPEN_TELEMETRY.flatMap(({ namespace, pod, node, collector }) => [namespace, pod, node, ...collector.keys()])),
  apart: code(APART_LABELS),
  pod: await dryRun({
    alertname: "KubePodCrashLooping",
    job: "kubernetes-service-endpoints",
    service: "prometheus-kube-state-metrics",
    node: "worker-1",
    namespace: "shop",
    pod: "web-1",
    container: "app",
    instance: "10.244.1.7:8080",
  }),
  topic: await dryRun({
    alertname: "UnderReplicatedPartition",
    job: "events-kafka-exporter",
    namespace: "kafka",
    pod: "events-kafka-exporter-6d7f9-x2x4q",
    instance: "10.244.3.9:9308",
    topic: "orders",
    partition: "0",
  }),
  application: await dryRun({
    alertname: "CheckoutLatencyHigh",
    job: "checkout",
    service: "shop-checkout-metrics",
    namespace: "shop",
    pod: "checkout-7d9f6-1",
    endpoint: "http-metrics",
    instance: "10.244.3.9:8080",
    queue: "payments",
  }),
};

const START = (part: string): string => `<!-- ${part}: from the code -->`;
const END = "<!-- end -->";
const page = readFileSync(PAGE, "utf8");
const filled = Object.entries(parts).reduce((text, [part, content]) => {
  const from = text.indexOf(START(part));
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`docs/targets.md has no place for ${part}`);
  return `${text.slice(0, from)}${START(part)}\n${content}\n${text.slice(to)}`;
}, page);

if (!process.argv.includes("--check")) writeFileSync(PAGE, filled);
else if (page !== filled) {
  console.error("docs/targets.md is out of date: run node scripts/targets-docs.ts");
  process.exitCode = 1;
}
