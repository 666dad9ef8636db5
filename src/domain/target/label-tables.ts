import { words } from "../words.ts";

/** Kinds by the label that names one of their objects, in the order in which they are asked. One line adds a label. */
export const OBJECT_LABELS: ReadonlyMap<string, string> = new Map([
  ["persistentvolumeclaim", "PersistentVolumeClaim"],
  ["pvc", "PersistentVolumeClaim"],
  ["persistentvolume", "PersistentVolume"],
  ["horizontalpodautoscaler", "HorizontalPodAutoscaler"],
  ["hpa", "HorizontalPodAutoscaler"],
  ["verticalpodautoscaler", "VerticalPodAutoscaler"],
  ["poddisruptionbudget", "PodDisruptionBudget"],
  ["resourcequota", "ResourceQuota"],
]);

/** Custom kinds by the label that names one of their objects, where the reporter's row names the label. */
export const REPORTERS_OBJECT_LABELS: ReadonlyMap<string, { readonly kind: string; readonly group: string }> = new Map([
  ["scaledObject", { kind: "ScaledObject", group: "keda.sh" }],
  ["scaledobject", { kind: "ScaledObject", group: "keda.sh" }],
]);

/** Kinds by the label that names a workload. */
export const WORKLOAD_LABELS: ReadonlyMap<string, string> = new Map([
  ["deployment", "Deployment"],
  ["statefulset", "StatefulSet"],
  ["daemonset", "DaemonSet"],
  ["replicaset", "ReplicaSet"],
  ["replicationcontroller", "ReplicationController"],
  ["job_name", "Job"],
  ["cronjob", "CronJob"],
]);

/** Workload labels that other systems use for their own things: a CI's deployment, a stream processor's job. */
export const EITHER_WORKLOADS: ReadonlySet<string> = new Set(["deployment", "job_name"]);

/** What `workload_type` says (kubernetes-mixin writes it in lower case). */
export const WORKLOAD_TYPES: ReadonlyMap<string, string> = new Map([...WORKLOAD_LABELS.values()].map((kind) => [kind.toLowerCase(), kind]));

/**
 * Label sets that name a pod, its namespace and its node together. `pod` of one set is never completed by `namespace` of another: the scrape's
 * pod and the subject's namespace may be two places. `collector`: workload labels that the collector adds to a pod's sample.
 */
export interface Spelling {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  /** Kinds by label. */
  readonly collector: ReadonlyMap<string, string>;
}

const openTelemetry = (separator: string): Spelling => {
  const label = (what: string) => ["k8s", what, "name"].join(separator);
  const kinds = [...WORKLOAD_TYPES].map(([word, kind]): [string, string] => [label(word), kind]);
  return {
    namespace: label("namespace"),
    pod: label("pod"),
    node: label("node"),
    collector: new Map([...kinds, [label("persistentvolumeclaim"), "PersistentVolumeClaim"], [label("hpa"), "HorizontalPodAutoscaler"]]),
  };
};

/** OpenTelemetry's resource attributes (semantic conventions, Kubernetes), and as Prometheus writes them. The name itself says Kubernetes. */
export const OPEN_TELEMETRY: readonly Spelling[] = [openTelemetry("."), openTelemetry("_")];

/** The labels that Prometheus's former example configuration gives a target. */
export const FORMER_SCRAPE = { namespace: "kubernetes_namespace", pod: "kubernetes_pod_name", service: "kubernetes_name" } as const;

/** `<prefix>_kind` and `<prefix>_name` that say whose the object is, not which. */
export const RELATIONS: ReadonlySet<string> = new Set(words("owner created_by controller parent root_owner scaletargetref issuer"));

/**
 * Labels that name a thing with a life of its own inside or behind the object: two of them are two problems. Labels that only describe the
 * sample (code, method, le, mode, reason, table, shard, container) are not among them.
 */
export const APART_LABELS: ReadonlySet<string> = new Set([
  // queues and streams
  ...words(
    "topic queue queue_name exchange vhost stream_name channel subject consumergroup consumer_group consumer_name consumer group_id",
  ),
  ...words("subscription subscription_name connector"),
  // storage
  ...words("volume volume_name volumename device disk mountpoint mount_point bucket bucket_name pool pool_id osd ceph_daemon array raid"),
  ...words("zpool snapshot filesystem"),
  // databases
  ...words(
    "database database_name datname db db_name dbname schema keyspace index collection slot_name replication_slot tablespace member_idx",
  ),
  // certificates, checks, and jobs of others
  ...words("certificate cert certificate_name subject_cn issuer_cn cn domain check check_name probe probe_name monitor_name monitor_url"),
  ...words("target target_name site backup backup_name schedule pipeline workflow workflow_name dag_id task_id job_name task task_name"),
  ...words("deployment_name policy policy_name"),
  // what a component talks to
  ...words("integration receiver remote_name envoy_cluster_name exported_namespace exported_job peer neighbor upstream backend"),
  // hardware
  ...words("gpu gpu_id UUID interface ifName ifIndex ifDescr nic chip fan battery sensor sensor_id device_id entity entity_id"),
]);

/** How often the same alert is told: by which replica of a watcher. */
const REPLICA_LABELS: ReadonlySet<string> = new Set(words("replica __replica__ prometheus receive monitor_replica"));
const REPLICATED: ReadonlySet<string> = new Set(
  words(`prometheus prometheus_ha thanos thanos_rule thanos_ruler thanos_receive rule ruler receive receiver vmalert vmagent vmprometheus agent alloy
    mimir cortex alertmanager scraper collector`).map((component) => `${component}_replica`),
);

/** What a restart changes without a change of the problem. */
const RESTARTS: ReadonlySet<string> = new Set(
  words("uid pod_uid k8s_pod_uid k8s.pod.uid exported_uid pod_ip pod_template_hash controller_revision_hash"),
);

/** True for labels that never take part in recognising an alert: how bad it is, and which replica or restart told it. */
export const isVolatile = (label: string): boolean =>
  label === "severity" || REPLICA_LABELS.has(label) || REPLICATED.has(label) || RESTARTS.has(label);
