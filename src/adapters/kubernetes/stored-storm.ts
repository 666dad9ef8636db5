import * as v from "valibot";
import { detailsById, type Listing, linesOf, type SpecMembers } from "./listing.ts";
import { jsonBytes } from "./object-size.ts";

/** What this adapter reads of a storm's object beside what every object has. */
export interface StoredStorm {
  /** 32 hex, from its name; null: something else named it. */
  readonly window: string | null;
  /** Those it was made of, from its spec, which never changes: decoded when first asked for. Unreadable ones are none. */
  readonly made: () => SpecMembers;
  readonly listing: Listing;
  /** JSON of the object without its list of members and what that tells beside names. */
  readonly bytesBeside: number;
}

const NAME = /^rr-storm-([0-9a-f]{32})$/;
const Time = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
  v.number(),
);
const Status = v.object({
  members: v.fallback(v.array(v.unknown()), []),
  details: v.fallback(v.array(v.unknown()), []),
  closedAt: v.fallback(v.nullish(Time, null), null),
  truncated: v.fallback(v.boolean(), false),
});
const NOTHING_LISTED = { members: [], details: [], closedAt: null, truncated: false };
const Storm = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({ isStorm: v.literal(true), providerData: v.fallback(v.string(), "") }),
  status: v.fallback(v.object({ storm: v.fallback(Status, NOTHING_LISTED) }), { storm: NOTHING_LISTED }),
});

/** Null where the object is no storm's. A foreign writer's slip reads as nothing told. */
export function readStorm(json: unknown): StoredStorm | null {
  const parsed = v.safeParse(Storm, json);
  if (!parsed.success) return null;
  const { metadata, spec, status } = parsed.output;
  const { members, details, closedAt, truncated } = status.storm;
  const texts = members.filter((member) => typeof member === "string");
  return {
    window: NAME.exec(metadata.name)?.[1] ?? null,
    made: readOnce(spec.providerData),
    listing: { lines: linesOf(texts), details: detailsById(details), closedAtMs: closedAt, truncated },
    bytesBeside: jsonBytes(json) - jsonBytes(members) - jsonBytes(details),
  };
}

/** Whether the alert with this id is in the storm, as the object shows it. */
export const hasMember = ({ made, listing }: StoredStorm, id: string): boolean => listing.lines.has(id) || made().ids.has(id);

/** Lets go of the text, which may be large, once it is read. */
function readOnce(providerData: string): () => SpecMembers {
  let unread = providerData;
  let made: SpecMembers | null = null;
  return () => {
    made ??= readMembers(unread);
    unread = "";
    return made;
  };
}

const Provided = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    storm: v.object({ ids: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{16})*$/)), truncated: v.fallback(v.boolean(), false) }),
  }),
);

function readMembers(providerData: string): SpecMembers {
  const parsed = v.safeParse(Provided, decoded(providerData));
  if (!parsed.success) return { ids: new Set(), truncated: false };
  const { ids, truncated } = parsed.output.storm;
  return { ids: new Set(ids.match(/.{16}/g)), truncated };
}

/** Null where it is not Base64. */
function decoded(text: string): string | null {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}
