import { readFileSync } from "node:fs";
import { ApiException } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { checkInstalled } from "../../../src/adapters/kubernetes/installed.ts";

const manifest = (path: string): unknown => parse(readFileSync(path, "utf8"));
const check = (answer: () => Promise<unknown>) => checkInstalled({ getClusterCustomObject: answer });

it("is content with the project's own definition", async () => {
  expect(await check(async () => manifest("deploy/crd.yaml"))).toBeNull();
});

it("is not with one that would drop the counts without a word", async () => {
  expect(await check(async () => manifest("test/compat/remediationrequests.seed-era.yaml"))).toBe("definition-outdated");
  expect(await check(async () => ({ spec: {} }))).toBe("definition-outdated");
});

it("says why it cannot know", async () => {
  const notFound = JSON.stringify({ kind: "Status", reason: "NotFound", details: { kind: "customresourcedefinitions" } });
  expect(await check(() => Promise.reject(new ApiException(404, "", notFound, {})))).toBe("definition-missing");
  expect(await check(() => Promise.reject(new ApiException(403, "", "", {})))).toBe("forbidden");
  expect(await check(() => Promise.reject(new TypeError("fetch failed")))).toBe("api-unreachable");
});
