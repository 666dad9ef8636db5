import { ApiException } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { toApiFailure } from "../../../src/adapters/kubernetes/api-reply.ts";

const status = (reason: string, details: object = {}, message = "") =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason, message, details });
const failure = (code: number, body: unknown = "", headers = {}) => toApiFailure(new ApiException(code, "", body, headers));
const problem = (code: number, body?: unknown) => failure(code, body).problem;
const requests = { kind: "remediationrequests", group: "remediation.kubernaut.io", name: "rr-a-1" };

it("tells an object that is not there from a missing type and a missing namespace", () => {
  expect(problem(404, status("NotFound", requests))).toBe("not-found");
  expect(problem(404, status("NotFound", { kind: "namespaces", name: "shop" }))).toBe("namespace-missing");
  expect(problem(404, "404 page not found\n")).toBe("type-missing");
});

it("tells a taken name from a stale version", () => {
  expect(problem(409, status("AlreadyExists", requests))).toBe("already-exists");
  expect(problem(409, status("Conflict", requests))).toBe("conflict");
});

it("tells why something is forbidden", () => {
  expect(problem(403, status("Forbidden", { causes: [{ reason: "NamespaceTerminating" }] }))).toBe("namespace-terminating");
  expect(problem(403, status("Forbidden", requests, "exceeded quota: requests, used: 10"))).toBe("quota");
  expect(problem(403, status("Forbidden", requests, "cannot create resource"))).toBe("forbidden");
});

it("reads how long to wait from the header, else from the status", () => {
  expect(failure(429, status("TooManyRequests"), { "retry-after": "3" })).toMatchObject({ problem: "throttled", retryAfterMs: 3_000 });
  expect(failure(429, status("TooManyRequests", { retryAfterSeconds: 2 }))).toMatchObject({ retryAfterMs: 2_000 });
  expect(failure(429, "slow down", { "retry-after": "soon" })).toMatchObject({ problem: "throttled", retryAfterMs: null });
});

it("has a word for every other answer, and for none", () => {
  const codes = {
    400: "bad-request",
    401: "unauthorized",
    410: "expired",
    413: "too-large",
    422: "invalid",
    500: "api-error",
    504: "timeout",
  };
  for (const [code, word] of Object.entries(codes)) expect(problem(Number(code), "<html>")).toBe(word);
  expect(toApiFailure(new DOMException("late", "TimeoutError")).problem).toBe("timeout");
  expect(toApiFailure(new TypeError("fetch failed", { cause: new DOMException("late", "TimeoutError") })).problem).toBe("timeout");
  expect(toApiFailure(new TypeError("fetch failed")).problem).toBe("api-unreachable");
});

it("keeps nothing of what the server said", () => {
  expect(JSON.stringify(failure(422, status("Invalid", {}, "spec.signalLabels: secret")))).not.toContain("secret");
  expect(String(failure(422, status("Invalid", {}, "spec.signalLabels: secret")))).not.toContain("secret");
});
