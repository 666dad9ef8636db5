import { ApiException } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { isPermanent } from "../../../src/adapters/kubernetes/api-failure.ts";
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

describe("a refusal", () => {
  const causes = [{ reason: "FieldValueInvalid", field: "spec.severity", message: "Unsupported value" }];
  const webhook = 'admission webhook "guard.test.example" denied the request: not during the freeze';
  const policy = `remediationrequests.remediation.kubernaut.io "rr-a-1" is forbidden: ValidatingAdmissionPolicy 'freeze' with binding 'all' denied request: not during the freeze`;
  const field = 'RemediationRequest.remediation.kubernaut.io "rr-a-1" is invalid: spec.severity: Unsupported value: "odd"';
  const isFinal = (code: number, body: unknown) => isPermanent(failure(code, body));

  it("is permanent where the API server itself blames a field or the size of the object", () => {
    expect(problem(422, status("Invalid", { ...requests, causes }, field))).toBe("invalid");
    expect(isFinal(422, status("Invalid", { ...requests, causes }, field))).toBe(true);
    expect(problem(413, status("RequestEntityTooLarge", {}, "Request entity too large: limit is 3145728"))).toBe("too-large");
    expect(problem(500, status("InternalError", {}, "etcdserver: request is too large"))).toBe("too-large");
    expect(isFinal(413, "<html>")).toBe(true);
  });

  it.each([400, 403, 413, 422])("by a policy or a webhook with %i is not, whatever field it blames", (code) => {
    for (const message of [webhook, policy]) {
      const body = status("Invalid", { ...requests, causes }, message);
      expect([problem(code, body), isFinal(code, body)]).toEqual(["admission-denied", false]);
    }
  });

  it("is no denial where only the object, or its namespace, is called like one", () => {
    expect(problem(422, status("Invalid", { causes }, 'spec.signalName: Invalid value: "the \\"webhook\\" policy": odd'))).toBe("invalid");
    expect(problem(403, status("Forbidden", requests, 'cannot create resource in the namespace "policy-webhook"'))).toBe("forbidden");
  });

  it("that blames no field is not permanent", () => {
    expect(problem(422, status("Invalid", {}, "the server rejected our request due to an error in our request"))).toBe("unprocessable");
    expect(problem(422, status("Other", { causes }))).toBe("unprocessable");
    for (const code of [400, 422]) expect(isFinal(code, "<html>")).toBe(false);
  });
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
    422: "unprocessable",
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
