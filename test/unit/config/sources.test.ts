import { describe, expect, it } from "vitest";
import { readSources } from "../../../src/config/sources.ts";

const [A, B] = ["a".repeat(64), "b".repeat(64)] as const;
const auth = (...hashes: string[]) => hashes.map((bearerSha256) => ({ bearerSha256 }));

function read(env: Record<string, unknown>, clusters = ["default"]) {
  const findings = { problems: [] as string[], warnings: [] as string[] };
  const texts = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  return { sources: readSources(texts, clusters, findings), ...findings };
}

describe("a source", () => {
  it("may all but its credentials leave out", () => {
    expect(read({ SOURCE_SHOP_EU: { auth: auth(A) } })).toEqual({
      sources: [
        {
          name: "shop_eu",
          cluster: "default",
          bearerSha256: [A],
          namespaces: ["*"],
          environment: null,
          backpressureStatus: 503,
          alertsPerMinute: null,
        },
      ],
      problems: [],
      warnings: [],
    });
  });

  it("says where it belongs, what it may write and what it is told", () => {
    const full = {
      cluster: "eu",
      auth: auth(A, B),
      namespaces: ["shop-*", "billing"],
      environment: "production",
      backpressure: "429",
      alertsPerMinute: 600,
    };
    expect(read({ SOURCE_SHOP: full }, ["eu", "us"]).sources).toEqual([
      {
        name: "shop",
        cluster: "eu",
        bearerSha256: [A, B],
        namespaces: ["shop-*", "billing"],
        environment: "production",
        backpressureStatus: 429,
        alertsPerMinute: 600,
      },
    ]);
  });

  it.each([
    [
      "unknown fields",
      { auth: auth(A), alertsPerHour: 5 },
      "SOURCE_X may hold only cluster, auth, namespaces, environment, alertsPerMinute, backpressure",
    ],
    ["no credential", { auth: [] }, "SOURCE_X auth must hold a credential"],
    ["no auth", {}, "SOURCE_X auth must be a list"],
    [
      "a token instead of its hash",
      { auth: auth("hunter2") },
      "SOURCE_X auth.0.bearerSha256 must be 64 lower-case hex digits, the SHA-256 of a token",
    ],
    ["no namespace", { auth: auth(A), namespaces: [] }, "SOURCE_X namespaces must hold a namespace"],
    [
      "a bad namespace",
      { auth: auth(A), namespaces: ["Shop"] },
      "SOURCE_X namespaces.0 must be a namespace, * standing for any part of it",
    ],
    ["an unknown cluster", { auth: auth(A), cluster: "mars" }, "SOURCE_X cluster must be CLUSTER_NAME, or one of CLUSTERS"],
    ["another backpressure", { auth: auth(A), backpressure: "500" }, 'SOURCE_X backpressure must be "429" or "503"'],
    ["half a JSON", "{", "SOURCE_X must be JSON"],
    ["a token alone", "hunter2", "SOURCE_X must be JSON"],
    ["a field that is there twice", `{"auth":[],"auth":${JSON.stringify(auth(A))}}`, "SOURCE_X must not name a field twice"],
    [
      "a field within another that is there twice",
      `{"auth":[{"bearerSha256":"${A}","bearerSha256":"${B}"}]}`,
      "SOURCE_X must not name a field twice",
    ],
  ])("with %s is a problem", (_, value, problem) => {
    expect(read({ SOURCE_X: value }).problems).toEqual([problem]);
  });

  it("must name its cluster where there are several", () => {
    expect(read({ SOURCE_X: { auth: auth(A) } }, ["eu", "us"]).problems).toEqual([
      "SOURCE_X cluster must be CLUSTER_NAME, or one of CLUSTERS",
    ]);
  });

  it("is not blamed for clusters that are all invalid", () => {
    expect(read({ SOURCE_X: { auth: auth(A) } }, []).problems).toEqual([]);
  });

  it("has a name of its own", () => {
    expect(read({ SOURCE_X: { auth: auth(A) }, SOURCE_x: { auth: auth(B) } }).problems).toEqual([
      "SOURCE_X is there more than once, in other letters",
    ]);
    expect(read({ "SOURCE_a-b": { auth: auth(A) } }).problems[0]).toMatch(/^SOURCE_a-b: a source's name/);
  });
});
