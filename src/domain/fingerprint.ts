import { canonicalJson } from "./canonical-json.ts";
import type { Labels } from "./labels.ts";
import { sha256Hex } from "./sha256.ts";

/**
 * The alerts that may be one storm: lower-case hex SHA-256 of `storm:cluster:namespace:name`, and the fingerprint of the storm's request. Cluster
 * and namespace are DNS labels and hold no colon.
 */
export const groupOf = (cluster: string, namespace: string, name: string): Promise<string> =>
  sha256Hex(`storm:${cluster}:${namespace}:${name}`);

/** 64 hex of all labels, whatever their order: tells apart any two alerts that differ in a label. */
export const labelsHash = (labels: Labels): Promise<string> => sha256Hex(canonicalJson(labels));
