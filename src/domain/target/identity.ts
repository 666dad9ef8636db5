import { canonicalJson } from "../canonical-json.ts";
import type { Labels } from "../labels.ts";
import type { Resource } from "../resource.ts";
import { sha256Hex } from "../sha256.ts";
import { qualifiedKind } from "./kinds.ts";
import type { Explanation, Target } from "./target-of.ts";

/** What would end a part is escaped, so that no two identities are equal by chance. */
const escaped = (part: string): string => part.replaceAll(/[\\:{},=]/g, "\\$&");

/**
 * What repeats are recognised by: lower-case hex SHA-256 of `name:namespace:kind:resource name`, followed by `{label=value,…}`, sorted, where labels
 * tell problems of one object apart. `name` is the alert's or the event's reason.
 */
export function fingerprintOf(name: string, namespace: string, resource: Resource, apart: Labels = {}): Promise<string> {
  const parts = [name, namespace, qualifiedKind(resource), resource.name].map(escaped).join(":");
  const labels = Object.entries(apart).map(([label, value]) => `${escaped(label)}=${escaped(value)}`);
  return sha256Hex(labels.length === 0 ? parts : `${parts}{${labels.sort().join(",")}}`);
}

/** What an alert is about, and what its repeats are recognised by. */
export interface Identity {
  readonly resource: Resource;
  /** A DNS label; empty: none, or a cluster-scoped resource. */
  readonly namespace: string;
  /** 64 lower-case hex: what repeats are recognised by. */
  readonly fingerprint: string;
  /** The rule that found the target, as in Target. */
  readonly rule: string;
  readonly explanation: Explanation | null;
}

/**
 * The target's resource and the alert's fingerprint. Without a resource the kind is `Unknown`, and 32 hex of what tells the problem stand for the
 * name.
 */
export async function identify(name: string, target: Target): Promise<Identity> {
  const { rule, namespace, apart, explanation } = target;
  const resource = target.resource ?? { kind: "Unknown", name: (await sha256Hex(canonicalJson(apart))).slice(0, 32) };
  const fingerprint = await fingerprintOf(name, namespace, resource, target.resource ? apart : {});
  return { resource, namespace, fingerprint, rule, explanation };
}
