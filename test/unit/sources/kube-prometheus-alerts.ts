import type { Labels } from "../../../src/domain/labels.ts";

export interface KnownAlert {
  readonly labels: Labels;
  readonly kind: string;
  /** Null: a hash. */
  readonly name: string | null;
  readonly namespace: string;
  readonly severity: "critical" | "warning" | "info";
}

const prometheus = "monitoring/k8s";
/** kube-prometheus drops namespace, pod, service and endpoint of kube-state-metrics itself and honours the sample's own. */
const state = { prometheus, job: "kube-state-metrics", instance: "10.244.0.9:8443" };
const chartState = { ...state, endpoint: "http", service: "monitoring-kube-state-metrics", instance: "10.244.0.9:8080" };
const kubelet = {
  prometheus,
  job: "kubelet",
  endpoint: "https-metrics",
  instance: "10.0.0.11:10250",
  metrics_path: "/metrics",
  service: "kubelet",
};
const machine = {
  prometheus,
  job: "node-exporter",
  endpoint: "https",
  container: "kube-rbac-proxy",
  namespace: "monitoring",
  service: "node-exporter",
};

/** NodeFilesystemAlmostOutOfSpace of one machine. */
export const diskAlert = (node: string, pod: string): Labels => ({
  ...machine,
  alertname: "NodeFilesystemAlmostOutOfSpace",
  device: "/dev/sda1",
  fstype: "ext4",
  mountpoint: "/",
  instance: node,
  pod,
  severity: "warning",
});

export const crashLoop = (pod: string, container: string): Labels => ({
  ...state,
  alertname: "KubePodCrashLooping",
  namespace: "shop",
  pod,
  container,
  reason: "CrashLoopBackOff",
  uid: "6f1c0d6e-0a54-4d0c-8c1c-0c1f6a1f6e55",
  severity: "warning",
});

const resource = (alertname: string, label: string, kind: string, name: string, more: Labels = {}): KnownAlert => ({
  labels: { ...state, alertname, namespace: "shop", [label]: name, severity: "warning", ...more },
  kind,
  name,
  namespace: "shop",
  severity: "warning",
});

const node = (alertname: string, more: Labels): KnownAlert => ({
  labels: { ...state, alertname, namespace: "monitoring", node: "worker-1", severity: "warning", ...more },
  kind: "Node",
  name: "worker-1",
  namespace: "",
  severity: "warning",
});

const unknown = (alertname: string, severity: KnownAlert["severity"], more: Labels): KnownAlert => ({
  labels: { prometheus, alertname, severity, ...more },
  kind: "Unknown",
  name: null,
  namespace: more.namespace ?? "",
  severity,
});

const pod = (labels: Labels, name: string, namespace: string, severity: KnownAlert["severity"]): KnownAlert => ({
  labels: { prometheus, ...labels, pod: name, namespace, severity },
  kind: "Pod",
  name,
  namespace,
  severity,
});

const filling = {
  ...kubelet,
  alertname: "KubePersistentVolumeFillingUp",
  namespace: "shop",
  node: "worker-1",
  persistentvolumeclaim: "data-db-0",
};

/** Alerts with the labels that kube-prometheus's rules and its Helm chart give them, and what they are about. */
export const KNOWN_ALERTS: readonly KnownAlert[] = [
  { labels: crashLoop("web-5d9c7b4f6-x2x4q", "web"), kind: "Pod", name: "web-5d9c7b4f6-x2x4q", namespace: "shop", severity: "warning" },
  { labels: { ...crashLoop("web-0", "web"), ...chartState }, kind: "Pod", name: "web-0", namespace: "shop", severity: "warning" },
  pod({ ...state, alertname: "KubePodCrashLooping", container: "grafana" }, "grafana-7c5f6d8b9-abcde", "monitoring", "warning"),
  pod({ ...state, alertname: "KubePodCrashLooping", container: "node-exporter" }, "node-exporter-x7k2p", "monitoring", "warning"),
  pod({ alertname: "KubePodNotReady" }, "web-5d9c7b4f6-x2x4q", "shop", "warning"),
  pod({ alertname: "KubeContainerWaiting", container: "web" }, "web-0", "shop", "warning"),
  pod({ alertname: "CPUThrottlingHigh", container: "web" }, "web-0", "shop", "info"),
  pod({ alertname: "CPUThrottlingHigh", container: "web", service: "kubelet", instance: "10.0.0.11:10250" }, "web-0", "shop", "info"),
  resource("KubeDeploymentReplicasMismatch", "deployment", "Deployment", "web"),
  resource("KubeDeploymentGenerationMismatch", "deployment", "Deployment", "web", { service: "kube-state-metrics" }),
  resource("KubeStatefulSetReplicasMismatch", "statefulset", "StatefulSet", "db"),
  resource("KubeStatefulSetUpdateNotRolledOut", "statefulset", "StatefulSet", "db"),
  resource("KubeDaemonSetRolloutStuck", "daemonset", "DaemonSet", "agent"),
  resource("KubeDaemonSetMisScheduled", "daemonset", "DaemonSet", "agent"),
  resource("KubeJobFailed", "job_name", "Job", "backup-28114", { condition: "true", reason: "BackoffLimitExceeded" }),
  resource("KubeJobNotCompleted", "job_name", "Job", "backup-28114"),
  resource("KubeHpaMaxedOut", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "web"),
  resource("KubeHpaReplicasMismatch", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "web"),
  resource("KubePdbNotEnoughHealthyPods", "poddisruptionbudget", "PodDisruptionBudget", "web"),
  {
    labels: { ...filling, severity: "critical" },
    kind: "PersistentVolumeClaim",
    name: "data-db-0",
    namespace: "shop",
    severity: "critical",
  },
  { labels: { ...filling, severity: "warning" }, kind: "PersistentVolumeClaim", name: "data-db-0", namespace: "shop", severity: "warning" },
  node("KubeNodeNotReady", { condition: "Ready", status: "true" }),
  node("KubeNodeUnreachable", { effect: "NoSchedule", key: "node.kubernetes.io/unreachable" }),
  node("KubeNodeReadinessFlapping", {}),
  node("KubeletPlegDurationHigh", { instance: "10.0.0.11:10250", quantile: "0.99" }),
  unknown("NodeFilesystemAlmostOutOfSpace", "warning", { ...diskAlert("worker-1", "node-exporter-x7k2p") }),
  unknown("NodeClockNotSynchronising", "warning", {
    ...machine,
    service: "monitoring-prometheus-node-exporter",
    instance: "worker-1",
    pod: "monitoring-prometheus-node-exporter-x7k2p",
  }),
  unknown("TargetDown", "warning", { job: "kubelet", namespace: "kube-system", service: "kubelet" }),
  unknown("KubeletDown", "critical", { job: "kubelet" }),
  unknown("KubeAPIErrorBudgetBurn", "critical", { long: "1h", short: "5m" }),
  unknown("KubeAPIErrorBudgetBurn", "warning", { long: "1d", short: "2h" }),
  {
    labels: { ...state, alertname: "KubePersistentVolumeErrors", severity: "critical", persistentvolume: "pvc-81f7", phase: "Failed" },
    kind: "PersistentVolume",
    name: "pvc-81f7",
    namespace: "",
    severity: "critical",
  },
  resource("KubeQuotaAlmostFull", "resourcequota", "ResourceQuota", "default", { resource: "pods" }),
  unknown("KubeClientErrors", "warning", { instance: "10.0.0.1:6443", job: "apiserver", namespace: "default" }),
  unknown("KubeCPUOvercommit", "warning", {}),
  pod(
    {
      alertname: "etcdNoLeader",
      container: "etcd",
      endpoint: "metrics",
      instance: "10.0.0.1:2381",
      job: "kube-etcd",
      service: "monitoring-kube-etcd",
    },
    "etcd-master-1",
    "kube-system",
    "critical",
  ),
  pod(
    {
      alertname: "AlertmanagerFailedReload",
      container: "alertmanager",
      endpoint: "web",
      job: "alertmanager-main",
      service: "alertmanager-main",
    },
    "alertmanager-main-0",
    "monitoring",
    "critical",
  ),
  pod(
    {
      alertname: "PrometheusRuleFailures",
      container: "prometheus",
      endpoint: "web",
      job: "prometheus-k8s",
      service: "prometheus-k8s",
      rule_group: "/etc/x.yaml;kube",
    },
    "prometheus-k8s-0",
    "monitoring",
    "critical",
  ),
];
