import { STORM_MEMBERS_MAX } from "../../domain/storm-draft.ts";

/** The API server answers an object beyond etcd's 1.5 MiB with 500, which would be tried for ever; half a MiB leaves room for what others add to it. */
export const OBJECT_BYTES_MAX = 512 * 1024;

/** A member's 16 hex digits in a list of JSON texts, with quotes and comma. */
export const LISTED_ID_BYTES = 19;

/** What an object has beside spec and members: names, marks and up to 64 slots, and all of these again in `managedFields`. */
const UPKEEP_BYTES = 32 * 1024;

/** Most bytes of a storm's spec, so that its status can list as many members as there may be. */
export const STORM_SPEC_BYTES_MAX = OBJECT_BYTES_MAX - STORM_MEMBERS_MAX * LISTED_ID_BYTES - UPKEEP_BYTES;

/** What one write may add to an object beside its members: slots and the mark of who wrote them. */
export const WRITE_BYTES = 8 * 1024;

const encoder = new TextEncoder();

/** Bytes of a value's JSON. */
export const jsonBytes = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;
