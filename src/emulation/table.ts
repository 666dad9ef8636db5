import { type Format, negotiate } from "./accept.ts";
import { humanAge } from "./age.ts";
import type { PrinterColumn } from "./definition.ts";
import { fieldOf, isJsonObject, type Json } from "./json.ts";
import { asJson, type CustomObject } from "./object.ts";

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface Row {
  readonly cells: readonly Json[];
  readonly object: unknown;
}

/** What `?includeObject=` asks for beside the cells. */
export type Included = "None" | "Metadata" | "Object";

/** Objects as rows of cells, which is what `kubectl get` prints (Kubernetes API concepts, "Receiving resources as Tables"). */
export interface Tables {
  readonly columns: readonly ColumnDefinition[];
  row(object: CustomObject, included: Included, nowMs: number): Row;
}

/** The version of `meta.k8s.io` in which a table is wanted; null: not as a table. */
export function tableVersion(accept: string | undefined): string | null {
  const offered = ({ as, group, version }: Format) => as === "Table" && group === "meta.k8s.io" && ["v1", "v1beta1"].includes(version);
  const format = negotiate(accept, offered);
  return format.as === null ? null : format.version;
}

/** `columns` null: the client has them already. */
export const table = (version: string, metadata: object, columns: readonly ColumnDefinition[] | null, rows: readonly Row[]) => ({
  kind: "Table",
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
  columnDefinitions: columns,
  rows,
});

/** The first column of every table. */
export const NAME_COLUMN = column("Name", "string", "Name must be unique within a namespace.", "name");

/** A column of a table; one of priority above 0 is printed with `-o wide` only. */
export function column(name: string, type: string, description: string, format = "", priority = 0): ColumnDefinition {
  return { name, type, format, description, priority };
}

/** Tables with the columns that a definition asks for, after the name. */
export function createTables(printed: readonly PrinterColumn[]): Tables {
  const columns = printed.map(({ name, type, description, jsonPath, priority }) =>
    column(name, type, description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`, "", priority),
  );
  return {
    columns: [NAME_COLUMN, ...columns],
    row: (object, included, nowMs) => ({
      cells: [object.metadata.name, ...printed.map((each) => cell(object, each, nowMs))],
      object: includedObject(object, included),
    }),
  };
}

function cell(object: CustomObject, { jsonPath, type }: PrinterColumn, nowMs: number): Json {
  const path = jsonPath.split(".").slice(1);
  const value = path.reduce<Json | undefined>((at, key) => (isJsonObject(at) ? fieldOf(at, key) : undefined), asJson(object));
  if (type === "date" && typeof value === "string") return ageCell(value, nowMs);
  return value ?? null;
}

/** Age of a moment given in RFC 3339. */
export const ageCell = (since: string, nowMs: number) => {
  const sinceMs = Date.parse(since);
  return Number.isNaN(sinceMs) ? "<unknown>" : humanAge(nowMs - sinceMs);
};

/** What a row says of its object when not asked for more. */
export const metadataOnly = (metadata: object) => ({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });

function includedObject(object: CustomObject, included: Included): unknown {
  if (included === "Object") return object;
  return included === "None" ? null : metadataOnly(object.metadata);
}
