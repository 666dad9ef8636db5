import { beforeEach, describe, expect, it } from "vitest";
import type { ApiClient, Reply } from "./api-client.ts";
import { remediationRequest } from "./remediation-request.ts";

const versionOf = ({ body }: Reply) => String(body.metadata.resourceVersion);
/** An API server adds that it checked no further: not a cause of its own. */
const causesOf = ({ body }: Reply) =>
  (body.details?.causes ?? []).filter(({ field }) => field !== "<nil>").map(({ field, reason }) => `${field} ${reason}`);

/** What Kubernetes promises about RemediationRequests. `open` gives a namespace without any. */
export function kubernetesObjectsContract(name: string, open: () => Promise<ApiClient>): void {
  describe(`Kubernetes objects: ${name}`, () => {
    let api: ApiClient;
    beforeEach(async () => {
      api = await open();
    });

    it("creates an object without its status and gives it uid, version, generation and time", async () => {
      const { code, body } = await api.create({ ...remediationRequest("rr-1"), status: { overallPhase: "Completed" } });
      expect(code).toBe(201);
      expect(body.status).toBeUndefined();
      expect(body.metadata).toMatchObject({ name: "rr-1", namespace: api.namespace, generation: 1, labels: { team: "shop" } });
      expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
      expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await api.get("rr-1")).body.metadata.uid).toBe(body.metadata.uid);
    });

    it("refuses a second object of a name", async () => {
      await api.create(remediationRequest("rr-1"));
      expect(await api.create(remediationRequest("rr-1"))).toMatchObject({ code: 409, body: { kind: "Status", reason: "AlreadyExists" } });
    });

    it("makes up a name where only its beginning is given", async () => {
      const named = remediationRequest("");
      const { body } = await api.create({ ...named, metadata: { generateName: "rr-" } });
      expect(body.metadata.name).toMatch(/^rr-[a-z0-9]{5}$/);
    });

    it("names the object that it cannot find", async () => {
      const reply = await api.get("rr-1");
      expect(reply).toMatchObject({ code: 404, body: { reason: "NotFound", details: { name: "rr-1", kind: "remediationrequests" } } });
      expect(reply.body.message).toBe('remediationrequests.remediation.kubernaut.io "rr-1" not found');
      expect((await api.merge("rr-1", {})).code).toBe(404);
      expect((await api.remove("rr-1")).code).toBe(404);
    });

    it("names everything that the schema refuses", async () => {
      const { environment: _, ...spec } = remediationRequest("rr-1").spec;
      const wrong = { severity: "boom", signalFingerprint: "abc", isStorm: "yes", firingTime: "noon", originalPayload: "%" };
      const more = { signalLabels: { a: 1 }, affectedResources: [1], signalSource: "x".repeat(64), deduplication: {} };
      const reply = await api.create({ ...remediationRequest("rr-1"), spec: { ...spec, ...wrong, ...more } });
      expect(reply).toMatchObject({ code: 422, body: { reason: "Invalid", details: { kind: "RemediationRequest" } } });
      expect(causesOf(reply).sort()).toEqual([
        "spec.affectedResources[0] FieldValueTypeInvalid",
        "spec.deduplication.firstSeen FieldValueRequired",
        "spec.deduplication.isDuplicate FieldValueRequired",
        "spec.deduplication.lastSeen FieldValueRequired",
        "spec.deduplication.occurrenceCount FieldValueRequired",
        "spec.environment FieldValueRequired",
        "spec.firingTime FieldValueTypeInvalid",
        "spec.isStorm FieldValueTypeInvalid",
        "spec.originalPayload FieldValueTypeInvalid",
        "spec.severity FieldValueNotSupported",
        "spec.signalFingerprint FieldValueInvalid",
        "spec.signalLabels.a FieldValueTypeInvalid",
        "spec.signalSource FieldValueTooLong",
      ]);
    });

    it("refuses names and labels that Kubernetes has no room for", async () => {
      const labels = { long: "x".repeat(64), odd: "a b" };
      const reply = await api.create({ ...remediationRequest("Not_A_Name"), metadata: { name: "Not_A_Name", labels } });
      expect(reply.code).toBe(422);
      expect(causesOf(reply)).toContain("metadata.name FieldValueInvalid");
      expect(causesOf(reply).filter((cause) => cause.startsWith("metadata.labels"))).toHaveLength(2);
      const nameless = await api.create({ ...remediationRequest(""), metadata: {} });
      expect(causesOf(nameless)).toEqual(["metadata.name FieldValueRequired"]);
    });

    it("drops fields that the schema does not know and says so, or refuses them when asked to", async () => {
      const body = remediationRequest("rr-1", { foo: 1, stormWindow: null });
      expect(await api.create(body, "?fieldValidation=Strict")).toMatchObject({ code: 400, body: { reason: "BadRequest" } });
      const created = await api.create(body);
      expect(created.warnings).toContain('unknown field \\"spec.foo\\"');
      expect(created.body.spec).not.toHaveProperty("foo");
      expect(created.body.spec).not.toHaveProperty("stormWindow");
    });

    it.each([
      ["no JSON", "{bad"],
      ["a list", []],
      ["an object without kind", {}],
      ["another version", { ...remediationRequest("rr-1"), apiVersion: "remediation.kubernaut.io/v2" }],
      ["another namespace", { ...remediationRequest("rr-1"), metadata: { name: "rr-1", namespace: "elsewhere" } }],
      ["a label that is no text", { ...remediationRequest("rr-1"), metadata: { name: "rr-1", labels: { a: 1 } } }],
    ])("answers 400 to %s", async (_, body) => {
      expect(await api.create(body)).toMatchObject({ code: 400, body: { kind: "Status", reason: "BadRequest" } });
    });

    it.each(["Shop", "-shop", "n".repeat(64), "shop..x", "shop%0a"])(
      "has no namespace called %s, which no namespace can be",
      async (namespace) => {
        expect(await api.createIn(namespace, remediationRequest("rr-1"))).toMatchObject({ code: 404, body: { reason: "NotFound" } });
      },
    );

    it("answers 422 to another kind", async () => {
      expect(await api.create({ ...remediationRequest("rr-1"), kind: "Other" })).toMatchObject({ code: 422, body: { reason: "Invalid" } });
    });

    it("writes the status through its own path only, and nothing else through that", async () => {
      const created = await api.create(remediationRequest("rr-1"));
      const main = await api.merge("rr-1", { status: { overallPhase: "Completed" }, spec: { stormType: "rate" } });
      expect(main.body.status).toBeUndefined();
      expect(main.body.metadata.generation).toBe(2);
      const change = { status: { overallPhase: "Failed" }, spec: { stormType: "pattern" }, metadata: { labels: { team: "x" }, uid: "x" } };
      const { code, body } = await api.mergeStatus("rr-1", change);
      expect(code).toBe(200);
      expect(body.status).toEqual({ overallPhase: "Failed" });
      expect(body.spec).toMatchObject({ stormType: "rate" });
      expect(body.metadata).toMatchObject({ generation: 2, labels: { team: "shop" }, uid: created.body.metadata.uid });
    });

    it("keeps counts by slot in the status", async () => {
      await api.create(remediationRequest("rr-1"));
      const times = { firstSeen: "2026-11-23T12:00:00Z", lastSeen: "2026-11-23T12:05:00.5Z", resolvedAt: "2026-11-23T12:06:00Z" };
      const deduplication = { ...times, occurrenceCount: 3, slots: { a: 1, b: 2 } };
      const storm = { alertCount: 2, members: ["0123456789abcdef shop:Pod:x"], truncated: true, closedAt: "2026-11-23T12:06:00Z" };
      expect((await api.mergeStatus("rr-1", { status: { deduplication, storm } })).body.status).toEqual({ deduplication, storm });
      const raised = await api.mergeStatus("rr-1", { status: { deduplication: { slots: { a: 5 } } } });
      expect(raised.body.status).toMatchObject({ deduplication: { slots: { a: 5, b: 2 } } });
      expect((await api.mergeStatus("rr-1", { status: { deduplication: { slots: { a: "5" } } } })).code).toBe(422);
    });

    it("keeps the version where nothing changes, and raises it where something does", async () => {
      const created = await api.create(remediationRequest("rr-1"));
      expect(versionOf(await api.merge("rr-1", { spec: { severity: "critical" } }))).toBe(versionOf(created));
      expect(Number(versionOf(await api.merge("rr-1", { spec: { severity: "info" } })))).toBeGreaterThan(Number(versionOf(created)));
    });

    it("writes only over the version that the writer names", async () => {
      const created = await api.create(remediationRequest("rr-1"));
      const resourceVersion = versionOf(created);
      expect((await api.mergeStatus("rr-1", { metadata: { resourceVersion }, status: { overallPhase: "A" } })).code).toBe(200);
      const late = await api.mergeStatus("rr-1", { metadata: { resourceVersion }, status: { overallPhase: "B" } });
      expect(late).toMatchObject({ code: 409, body: { reason: "Conflict" } });
      expect((await api.replace("rr-1", created.body)).code).toBe(409);
      expect((await api.replace("rr-1", remediationRequest("rr-1"))).code).toBe(422);
      const { body: latest } = await api.get("rr-1");
      expect((await api.replace("rr-1", latest)).code).toBe(200);
    });

    it("never lets the fingerprint, uid, name or namespace of an object change", async () => {
      await api.create(remediationRequest("rr-1"));
      expect(causesOf(await api.merge("rr-1", { spec: { signalFingerprint: "b".repeat(64) } }))).toEqual([
        "spec.signalFingerprint FieldValueInvalid",
      ]);
      expect((await api.merge("rr-1", { metadata: { uid: "x" } })).code).toBe(422);
      expect((await api.merge("rr-1", { metadata: { name: "x" } })).code).toBe(400);
      expect((await api.merge("rr-1", { metadata: { namespace: "x" } })).code).toBe(400);
    });
  });
}
