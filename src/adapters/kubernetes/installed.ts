import type { CustomObjectsApi } from "@kubernetes/client-node";
import * as v from "valibot";
import { REQUEST_API } from "../../domain/remediation-request.ts";
import { toApiFailure } from "./api-reply.ts";

const Properties = v.looseObject({});
const Definition = v.object({
  spec: v.object({
    versions: v.array(
      v.object({
        name: v.string(),
        schema: v.object({
          openAPIV3Schema: v.object({ properties: v.object({ status: v.object({ properties: Properties }) }) }),
        }),
      }),
    ),
  }),
});

/** Status fields that are written; a definition without one answers 200 to a write and keeps nothing. */
const NEEDED = ["deduplication", "storm"] as const;

/** Whether the installed definition keeps what is written. Null: it does; else why not, in a word. Never rejects. */
export async function checkInstalled(objects: Pick<CustomObjectsApi, "getClusterCustomObject">): Promise<string | null> {
  const { group, version, plural } = REQUEST_API;
  const found = await objects
    .getClusterCustomObject({
      group: "apiextensions.k8s.io",
      version: "v1",
      plural: "customresourcedefinitions",
      name: `${plural}.${group}`,
    })
    .catch((error: unknown) => toApiFailure(error).problem);
  if (typeof found === "string") return found === "not-found" ? "definition-missing" : found;
  const parsed = v.safeParse(Definition, found);
  const schema = parsed.success ? parsed.output.spec.versions.find(({ name }) => name === version)?.schema : undefined;
  const known = schema?.openAPIV3Schema.properties.status.properties ?? {};
  return NEEDED.every((field) => Object.hasOwn(known, field)) ? null : "definition-outdated";
}
