import * as v from "valibot";
import type { Matches } from "./selectors.ts";
import { readSelectors } from "./selectors.ts";
import { badRequest, expired } from "./status.ts";
import type { Store } from "./store.ts";

const number = v.pipe(v.string(), v.regex(/^\d{1,15}$/, "must be a number"), v.transform(Number));
const flag = v.optional(
  v.pipe(
    v.string(),
    v.transform((text) => text !== "false" && text !== "0"),
  ),
  "false",
);

const Query = v.object({
  limit: v.optional(number, "0"),
  continue: v.optional(v.string(), ""),
  labelSelector: v.optional(v.string()),
  fieldSelector: v.optional(v.string()),
  watch: flag,
  resourceVersion: v.optional(v.union([v.literal(""), number]), ""),
  timeoutSeconds: v.optional(number, "1800"),
  allowWatchBookmarks: flag,
  sendInitialEvents: flag,
  includeObject: v.optional(v.picklist(["None", "Metadata", "Object"]), "Metadata"),
});

/** Parameters of a list or watch (Kubernetes, `ListOptions`). */
export type ListQuery = Omit<v.InferOutput<typeof Query>, "labelSelector" | "fieldSelector"> & { readonly matches: Matches };

/** Throws 400 where a parameter cannot be read. */
export function readListQuery(parameters: Record<string, string>): ListQuery {
  const parsed = v.safeParse(Query, parameters);
  if (!parsed.success) throw badRequest(`${v.getDotPath(parsed.issues[0]) ?? "query"}: ${parsed.issues[0].message}`);
  const { labelSelector, fieldSelector, ...query } = parsed.output;
  return { ...query, matches: readSelectors(labelSelector, fieldSelector) };
}

const Token = v.pipe(
  v.string(),
  v.transform((text) => atob(text)),
  v.parseJson(),
  v.strictObject({ version: v.number(), after: v.string() }),
);

/**
 * Where the next page of a list begins. Every page carries the version of the first, so a watch from there replays whatever
 * changed between the pages; what exists throughout is on exactly one of them.
 */
export const continueToken = (version: number, after: string) => btoa(JSON.stringify({ version, after }));

/** Throws 410 where so much has changed since the first page that a watch from there could not replay it. */
export function readContinueToken(token: string, store: Store): { readonly version: number; readonly after: string } {
  if (token === "") return { version: store.version(), after: "" };
  const parsed = safely(token);
  if (parsed === null) throw badRequest("invalid continue token");
  if (store.since(parsed.version) === null)
    throw expired("The provided continue parameter is too old to display a consistent list result.");
  return parsed;
}

function safely(token: string): v.InferOutput<typeof Token> | null {
  try {
    return v.parse(Token, token);
  } catch {
    return null;
  }
}
