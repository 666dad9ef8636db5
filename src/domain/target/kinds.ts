import type { Resource } from "../resource.ts";
import { words } from "../words.ts";

/** Built-in kinds that live outside of namespaces (Kubernetes API reference, 1.34). */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  words(`
    APIService CSIDriver CSINode CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle ComponentStatus
    CustomResourceDefinition DeviceClass FlowSchema IPAddress IngressClass MutatingAdmissionPolicy MutatingAdmissionPolicyBinding
    MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass
    ServiceCIDR StorageClass ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment
    VolumeAttributesClass`),
);

/** Built-in kinds that live in namespaces (the same reference). */
const NAMESPACED: ReadonlySet<string> = new Set(
  words(`
    Binding CSIStorageCapacity ConfigMap ControllerRevision CronJob DaemonSet Deployment EndpointSlice Endpoints Event
    HorizontalPodAutoscaler Ingress Job Lease LimitRange NetworkPolicy PersistentVolumeClaim Pod PodDisruptionBudget PodTemplate ReplicaSet
    ReplicationController ResourceClaim ResourceClaimTemplate ResourceQuota Role RoleBinding Secret Service ServiceAccount StatefulSet`),
);

/** API groups that Kubernetes itself serves. Custom resources may also end in `.k8s.io`, so the list is exact. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(
  words(`
    apps autoscaling batch extensions policy admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io authentication.k8s.io
    authorization.k8s.io certificates.k8s.io coordination.k8s.io discovery.k8s.io events.k8s.io flowcontrol.apiserver.k8s.io
    internal.apiserver.k8s.io networking.k8s.io node.k8s.io rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io
    storagemigration.k8s.io`),
);

/** RFC 1123 label, as Kubernetes names namespaces: at most 63 characters. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1123 subdomain, as Kubernetes names most objects. */
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const OBJECT_NAME_CHARACTERS_MAX = 253;
/** Kinds are written in upper camel case (Kubernetes API conventions). */
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;

/** True for what may be the name of a namespace. */
export const isNamespace = (text: string): boolean => DNS_LABEL.test(text);

/** True for what may be the name of an object. */
export const isObjectName = (text: string): boolean => text.length <= OBJECT_NAME_CHARACTERS_MAX && DNS_SUBDOMAIN.test(text);

/** True for what may be a kind. */
export const isKind = (text: string): boolean => KIND.test(text);

/** True for built-in kinds that have no namespace, whatever a label says. A custom kind keeps its namespace. */
export const isClusterScoped = ({ kind }: Resource): boolean => CLUSTER_SCOPED.has(kind);

/** True for a kind of Kubernetes' own API groups. */
export const isBuiltIn = (kind: string): boolean => CLUSTER_SCOPED.has(kind) || NAMESPACED.has(kind);

/**
 * An object of an API group; empty: the group is not told, or is the core group. A custom kind keeps its group, and where it is called like a
 * built-in kind its group is part of the kind: `Node.longhorn.io`.
 */
export function resourceOf(group: string, kind: string, name: string): Resource {
  if (group === "" || BUILT_IN_GROUPS.has(group)) return { kind, name };
  return { kind: isBuiltIn(kind) ? `${kind}.${group}` : kind, name, group };
}

/** The kind with the group of a custom one: what tells two kinds apart. */
export const qualifiedKind = ({ kind, group }: Resource): string =>
  group === undefined || kind.endsWith(`.${group}`) ? kind : `${kind}.${group}`;
