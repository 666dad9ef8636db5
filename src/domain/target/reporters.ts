import type { Labels } from "../labels.ts";

/** Which Kubernetes objects a reporter's labels name: these labels, or every one that this project knows. */
type Named = "all" | readonly string[];

/**
 * Software that reports about something else: an exporter, an operator, a controller, a mesh, a ruler. Its own pod, service and node are never
 * what its alerts are about.
 */
export interface Reporter {
  /** Words of its job, service, pod or `app_kubernetes_io_name`, joined by `-`. */
  readonly names: readonly string[];
  /** Labels that mean Kubernetes objects; their samples carry the object's own namespace. */
  readonly objects: Named;
  /** Kind of what its label `name` names, where the label `beside` stands beside it. */
  readonly named?: { readonly kind: string; readonly group: string; readonly beside?: string };
  /** It runs once per node, so its address tells whose problem it is. */
  readonly perNode?: true;
  /** False: only its name or its labels give it away. */
  readonly isKnown: boolean;
}

const reporter = (names: string, objects: Named = [], more: Partial<Reporter> = {}): Reporter => ({
  names: names.split(" "),
  objects,
  isKnown: true,
  ...more,
});

const PER_NODE = { perNode: true } as const;

/** One line a reporter. The first whose name fits decides. */
export const REPORTERS: readonly Reporter[] = [
  reporter("kube-state-metrics openshift-state-metrics", "all"),
  reporter("kubelet cadvisor kubernetes-nodes kubernetes-nodes-cadvisor kubernetes-cadvisor", "all", PER_NODE),
  reporter("node-exporter windows-exporter node-exporter-full", ["nodename"], PER_NODE),
  reporter("dcgm-exporter nvidia-dcgm-exporter amd-device-metrics-exporter", ["pod"], PER_NODE),
  reporter("longhorn-backend longhorn-manager", ["node", "pvc"]),
  reporter("topolvm-node topolvm-controller", ["node"]),
  reporter("kured", ["node"]),
  reporter("ingress-nginx ingress-nginx-controller nginx-ingress nginx-ingress-controller", ["ingress"]),
  reporter("kubevirt virt-handler virt-controller virt-api virt-operator", [], {
    named: { kind: "VirtualMachineInstance", group: "kubevirt.io" },
  }),
  reporter("cert-manager", [], { named: { kind: "Certificate", group: "cert-manager.io" } }),
  reporter("argocd argo-cd", [], { named: { kind: "Application", group: "argoproj.io", beside: "project" } }),
  reporter("source-controller kustomize-controller helm-controller notification-controller image-reflector-controller flux-operator", [
    "kind",
  ]),
  reporter("keda keda-operator keda-operator-metrics-apiserver", ["scaledObject", "scaledobject"]),
  reporter("trivy-operator", ["resource_kind"]),
  reporter("vpa-recommender vpa-updater", ["target_kind"]),
  // What runs on each node and names nothing.
  reporter("node-problem-detector smartctl-exporter ipmi-exporter process-exporter systemd-exporter ebpf-exporter csi-node", [], PER_NODE),
  // Stores, clouds and controllers that speak of their own daemons, hosts and jobs.
  reporter("rook-ceph ceph-mgr ceph-exporter ceph"),
  reporter("jenkins concourse teamcity buildkite drone pushgateway statsd kuberhealthy goldpinger"),
  reporter("karpenter velero gatekeeper kyverno external-secrets crossplane external-dns harvest noobaa metal3 ironic uptime-kuma gatus"),
  reporter(
    "kminion burrow nats-surveyor mktxp pgwatch pgwatch2 telegraf collectd netdata zabbix graphite statping smokeping botkube robusta",
  ),
  reporter("opencost kubecost kepler scaphandre popeye pixie falco hubble cloudprober speedtest fritz netatmo"),
  reporter("coroot-node-agent inspektor-gadget openebs-lvm-localpv-node openebs", [], PER_NODE),
  // Gateways and meshes speak of the routes and services behind them.
  reporter("traefik apisix kong haproxy contour ambassador emissary skipper gloo envoy-gateway activator"),
  reporter("metallb-speaker", [], PER_NODE),
  reporter("metallb"),
  reporter("yace cloudwatch stackdriver vmware vsphere pve proxmox libvirt openstack unpoller snmp blackbox ipmi"),
];

/** Parts of Kubernetes itself that are called like reporters and speak of themselves: the scraped pod is what their alerts are about. */
export const APPLICATIONS = ["kube-controller-manager", "cloud-controller-manager"];

/** Applications whose own label `namespace` is no namespace of Kubernetes. */
export const OWN_NAMESPACES = ["temporal", "vault", "nomad", "aerospike", "pulsar", "servicebus"];

/** Words in the name of reporters that the table does not hold. */
export const REPORTER_WORDS = [
  "exporter",
  "operator",
  "controller",
  "manager",
  "mgr",
  "provisioner",
  "attacher",
  "resizer",
  "snapshotter",
].concat([...["autoscaler", "prober", "probe", "pushgateway", "scraper"]]);

/** Labels by which a scrape says what was scraped. */
const SCRAPED = ["exported_job", "job", "service", "app_kubernetes_io_name", "kubernetes_name", "app", "k8s_app"] as const;

/** A name as words joined by `-`. */
const wordsOf = (name: string): string => `-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-`;

/** True where all words of a name stand in the other, next to each other. */
export const isCalled = (name: string, words: string): boolean => wordsOf(name).includes(`-${words}-`);

const isOneOf = (name: string, all: readonly string[]): boolean => all.some((words) => isCalled(name, words));

const soundsLikeReporter = (name: string): boolean => isOneOf(name, REPORTER_WORDS);

/** The same of a pod's name. A service may be called after the metrics of its pods, a pod only after the metrics that are its work. */
export const podSoundsLikeReporter = (pod: string): boolean => soundsLikeReporter(pod) || isCalled(pod, "metrics");

/** True where the scrape's labels name an application of OWN_NAMESPACES. */
export const hasOwnNamespaces = (labels: Labels): boolean => SCRAPED.some((label) => isOneOf(labels[label] ?? "", OWN_NAMESPACES));

/** The reporter that the scrape's labels name; `objects` is empty for one that only its name gives away. Null: none is in sight. */
export function reporterOf(labels: Labels): Reporter | null {
  // Through a federation both are moved; alone it is an application's word for its own jobs.
  const scraped = SCRAPED.flatMap((label) => (label !== "exported_job" || labels.exported_instance ? (labels[label] ?? []) : []));
  // Without a scrape's label a pod's name says nothing: an operator's pod may crash like any other.
  const pods = scraped.length > 0 && "instance" in labels ? [labels.pod ?? labels.kubernetes_pod_name ?? ""] : [];
  const known = scraped.flatMap((name) => REPORTERS.find(({ names }) => isOneOf(name, names)) ?? [])[0];
  if (known) return known;
  if (scraped.some((name) => isOneOf(name, APPLICATIONS))) return null;
  const byPod = REPORTERS.find(({ names }) => pods.some((pod) => isOneOf(pod, names)));
  if (byPod) return byPod;
  return scraped.some(soundsLikeReporter) || pods.some(podSoundsLikeReporter)
    ? { names: REPORTER_WORDS, objects: [], isKnown: false }
    : null;
}
