import type { Labels } from "../labels.ts";
import { words } from "../words.ts";

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
  names: words(names),
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
export const APPLICATIONS: readonly string[] = ["kube-controller-manager", "cloud-controller-manager"];

/** Applications whose own label `namespace` is no namespace of Kubernetes. */
export const OWN_NAMESPACES: readonly string[] = ["temporal", "vault", "nomad", "aerospike", "pulsar", "servicebus"];

/** Words in the name of reporters that the table does not hold. */
export const REPORTER_WORDS: readonly string[] = words(
  "exporter operator controller manager mgr provisioner attacher resizer snapshotter autoscaler prober probe pushgateway scraper",
);

/** A name as words joined by `-`. */
const wordsOf = (name: string): string => `-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-`;

/** Finds which of some names, each of words joined by `-`, stands in a text first; undefined: none. One pass, however many names there are. */
function finderOf(names: readonly string[]): (text: string) => string | undefined {
  const longestFirst = names.toSorted((a, b) => b.length - a.length).join("|");
  const pattern = new RegExp(`-(${longestFirst})(?=-)`);
  return (text) => pattern.exec(wordsOf(text))?.[1];
}

const BY_NAME: ReadonlyMap<string, Reporter> = new Map(REPORTERS.flatMap((each) => each.names.map((name) => [name, each] as const)));
const reporterIn = finderOf([...BY_NAME.keys()]);
const wordIn = finderOf(REPORTER_WORDS);
const podWordIn = finderOf([...REPORTER_WORDS, "metrics"]);
const applicationIn = finderOf(APPLICATIONS);
const ownNamespacesIn = finderOf(OWN_NAMESPACES);

/** True where a reporter's name stands in another. */
export const isCalled = (name: string, { names }: Reporter): boolean => names.some((words) => wordsOf(name).includes(`-${words}-`));

/** True for a pod that is called after a reporter's work. A service may be called after the metrics of its pods; a pod is so only if they are its work. */
export const podSoundsLikeReporter = (pod: string): boolean => podWordIn(pod) !== undefined;

/** Labels by which a scrape says what was scraped. */
const SCRAPED = ["exported_job", "job", "service", "app_kubernetes_io_name", "kubernetes_name", "app", "k8s_app"] as const;

/** What a scrape says. Through a federation `exported_job` and `exported_instance` are the first scrape's; alone the former is an application's own word. */
const scrapedIn = (labels: Labels): string[] =>
  SCRAPED.flatMap((label) => {
    if (label === "exported_job" && !labels.exported_instance) return [];
    // A PodMonitor's job begins with its namespace, which says nothing of what was scraped.
    return labels[label]?.replace(`${labels.namespace}/`, "") ?? [];
  });

/** True where the scrape's labels name an application of OWN_NAMESPACES. */
export const hasOwnNamespaces = (labels: Labels): boolean => scrapedIn(labels).some((name) => ownNamespacesIn(name) !== undefined);

/** The reporter that the scrape's labels name; `objects` is empty for one that only its name gives away. Null: none is in sight. */
export function reporterOf(labels: Labels): Reporter | null {
  const scraped = scrapedIn(labels);
  const known = scraped.map(reporterIn).find((name) => name !== undefined);
  if (known !== undefined) return BY_NAME.get(known) ?? null;
  if (scraped.some((name) => applicationIn(name) !== undefined)) return null;
  // Without a scrape's label a pod's name says nothing: an operator's pod may crash like any other.
  const pod = scraped.length > 0 && "instance" in labels ? (labels.pod ?? labels.kubernetes_pod_name ?? "") : "";
  const byPod = reporterIn(pod);
  if (byPod !== undefined) return BY_NAME.get(byPod) ?? null;
  const isReporter = scraped.some((name) => wordIn(name) !== undefined) || podWordIn(pod) !== undefined;
  return isReporter ? { names: REPORTER_WORDS, objects: [], isKnown: false } : null;
}
