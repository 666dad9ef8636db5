import * as v from "valibot";
import type { Json, JsonObject } from "./json.ts";

const texts = v.record(v.string(), v.string());

/** The fields of ObjectMeta that the emulation keeps (Kubernetes API conventions, "Metadata"); all others are dropped. */
export const ObjectMeta = v.object({
  name: v.optional(v.string(), ""),
  generateName: v.optional(v.string()),
  namespace: v.optional(v.string(), ""),
  uid: v.optional(v.string(), ""),
  resourceVersion: v.optional(v.string(), ""),
  generation: v.optional(v.number(), 0),
  creationTimestamp: v.optional(v.string(), ""),
  deletionTimestamp: v.optional(v.string()),
  deletionGracePeriodSeconds: v.optional(v.number()),
  labels: v.optional(texts),
  annotations: v.optional(texts),
  finalizers: v.optional(v.array(v.string())),
  ownerReferences: v.optional(
    v.array(
      v.record(
        v.string(),
        v.custom<Json>(() => true),
      ),
    ),
  ),
});

export type ObjectMeta = v.InferOutput<typeof ObjectMeta>;

/** A custom object. Never changed in place: a write makes a new one. */
export interface CustomObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<ObjectMeta>;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

/** The object as JSON, for patches, comparison and the schema. */
export const asJson = (object: CustomObject): JsonObject => object as unknown as JsonObject;
