import { type Schema, Validator } from "@cfworker/json-schema";
import { expect, it } from "vitest";
import { type Client, RECEIPTS } from "../client.ts";
import { OPENAPI_STRUCTURE } from "../openapi-structure.ts";

const METHODS = ["get", "post"];

function* references(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if ("$ref" in value && typeof value.$ref === "string") yield value.$ref;
  for (const member of Object.values(value)) yield* references(member);
}

/** What a path as it stands in the document answers: to what it asks for there is no answer yet. */
function statusOfBare(path: string): number {
  if (path === RECEIPTS) return 400;
  return path.includes("{") ? 404 : 200;
}

/** The OpenAPI document itself. Every answer of the suite is held against it besides. */
export function documentCases(client: () => Client): void {
  it("is OpenAPI 3.1 in structure", () => {
    const { errors } = new Validator(OPENAPI_STRUCTURE as Schema, "2020-12", false).validate(client().openapi);
    expect(errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)).toEqual([]);
  });

  it("refers to nothing that it does not hold", () => {
    const { schemas } = client().openapi.components;
    const known = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(references(client().openapi))].filter((reference) => !known.includes(reference))).toEqual([]);
  });

  it("names only credentials that it describes", () => {
    const { paths, components } = client().openapi;
    const named = Object.values(paths).flatMap((item) => METHODS.flatMap((method) => (item[method]?.security ?? []).flatMap(Object.keys)));
    expect(named.filter((name) => !(name in components.securitySchemes))).toEqual([]);
  });

  it("describes paths that exist, each with the methods that it takes", async () => {
    for (const [path, item] of Object.entries(client().openapi.paths)) {
      const taken = new Set(METHODS.filter((method) => method in item));
      const other = METHODS.filter((method) => !taken.has(method)).map((method) => method.toUpperCase());
      for (const method of other) expect((await client().send(path, { method })).status).toBe(405);
      if (taken.has("get")) expect((await client().administer(path)).status).toBe(statusOfBare(path));
    }
  });
}
