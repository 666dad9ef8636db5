import { beforeEach, describe, expect, it } from "vitest";
import type { ApiClient, Reply } from "./api-client.ts";
import { remediationRequest } from "./remediation-request.ts";

const versionOf = ({ body }: Reply) => String(body.metadata.resourceVersion);
const namesOf = ({ body }: Reply) => body.items.map(({ metadata }) => metadata.name);

/** What Kubernetes promises about patches, removals, lists and watches of RemediationRequests. `open` gives a namespace without any. */
export function kubernetesChangesContract(name: string, open: () => Promise<ApiClient>): void {
  describe(`Kubernetes changes: ${name}`, () => {
    let api: ApiClient;
    const make = (...names: string[]) => Promise.all(names.map((each) => api.create(remediationRequest(each))));
    beforeEach(async () => {
      api = await open();
    });

    describe("patches", () => {
      beforeEach(async () => void (await make("rr-1")));

      it("applies a JSON patch in order", async () => {
        const { code, body } = await api.jsonPatch("rr-1", [
          { op: "test", path: "/spec/severity", value: "critical" },
          { op: "replace", path: "/spec/severity", value: "info" },
          { op: "add", path: "/spec/affectedResources", value: ["a", "c"] },
          { op: "add", path: "/spec/affectedResources/1", value: "b" },
          { op: "add", path: "/spec/affectedResources/-", value: "d" },
          { op: "remove", path: "/spec/affectedResources/0" },
          { op: "copy", from: "/spec/affectedResources/0", path: "/spec/stormType" },
          { op: "move", from: "/spec/stormType", path: "/spec/stormWindow" },
          { op: "add", path: "/metadata/labels/example.com~1x", value: "1" },
          { op: "replace", path: "/metadata/labels/new", value: "2" },
        ]);
        expect(code).toBe(200);
        expect(body.spec).toMatchObject({ severity: "info", affectedResources: ["b", "c", "d"], stormWindow: "b" });
        expect(body.spec).not.toHaveProperty("stormType");
        expect(body.metadata.labels).toEqual({ team: "shop", "example.com/x": "1", new: "2" });
      });

      it.each([
        ["a test that fails", [{ op: "test", path: "/spec/severity", value: "warning" }]],
        ["a field to remove that is not there", [{ op: "remove", path: "/spec/nope" }]],
        [
          "an index beyond the list",
          [
            { op: "add", path: "/spec/affectedResources", value: ["a"] },
            { op: "add", path: "/spec/affectedResources/2", value: "c" },
          ],
        ],
        ["an unknown operation", [{ op: "bogus", path: "/spec/severity" }]],
      ])("answers 422 to a JSON patch with %s, and changes nothing", async (_, patch) => {
        const before = await api.get("rr-1");
        expect(await api.jsonPatch("rr-1", [{ op: "replace", path: "/spec/severity", value: "info" }, ...patch])).toMatchObject({
          code: 422,
          body: { reason: "Invalid" },
        });
        expect(await api.get("rr-1")).toEqual(before);
      });

      it("answers 400 to a body that is no patch and 415 to a kind of patch that custom resources do not take", async () => {
        expect((await api.merge("rr-1", "{bad")).code).toBe(400);
        expect((await api.merge("rr-1", [])).code).toBe(400);
        expect((await api.jsonPatch("rr-1", {})).code).toBe(400);
        const reply = await api.patchAs("application/strategic-merge-patch+json", "rr-1", {});
        expect(reply).toMatchObject({ code: 415, body: { reason: "UnsupportedMediaType" } });
        expect(reply.body.message).toContain("application/merge-patch+json");
      });

      it("takes fields out where a merge patch says null", async () => {
        const { body } = await api.merge("rr-1", { metadata: { labels: { team: null, other: "x" } } });
        expect(body.metadata.labels).toEqual({ other: "x" });
      });
    });

    describe("removals", () => {
      it("answers the uid of what is gone", async () => {
        const [created] = await make("rr-1");
        const reply = await api.remove("rr-1", { propagationPolicy: "Background" });
        expect(reply).toMatchObject({ code: 200, body: { status: "Success", details: { uid: created?.body.metadata.uid } } });
        expect((await api.get("rr-1")).code).toBe(404);
      });

      it("removes only the uid and the version that are named", async () => {
        const [created] = await make("rr-1");
        const uid = created?.body.metadata.uid;
        await api.mergeStatus("rr-1", { status: { overallPhase: "A" } });
        const resourceVersion = versionOf(await api.get("rr-1"));
        const refused = { code: 409, body: { reason: "Conflict" } };
        expect(await api.remove("rr-1", { preconditions: { uid: "x" } })).toMatchObject(refused);
        expect(await api.remove("rr-1", { preconditions: { uid, resourceVersion: created?.body.metadata.resourceVersion } })).toMatchObject(
          refused,
        );
        expect((await api.remove("rr-1", { preconditions: { uid: 5 } })).code).toBe(400);
        expect((await api.remove("rr-1", { preconditions: { uid, resourceVersion } })).code).toBe(200);
      });

      it("keeps an object with finalizers, ending, until the last of them is taken off", async () => {
        await make("rr-1");
        await api.merge("rr-1", { metadata: { finalizers: ["example.com/a", "example.com/b"] } });
        const ending = await api.remove("rr-1");
        expect(ending.body).toMatchObject({ kind: "RemediationRequest", metadata: { generation: 2, deletionGracePeriodSeconds: 0 } });
        expect(ending.body.metadata.deletionTimestamp).toMatch(/Z$/);
        expect((await api.create(remediationRequest("rr-1"))).code).toBe(409);
        expect((await api.merge("rr-1", { metadata: { finalizers: ["example.com/a", "example.com/c"] } })).code).toBe(422);
        expect((await api.remove("rr-1")).body.metadata).toEqual(ending.body.metadata);
        await api.merge("rr-1", { metadata: { finalizers: ["example.com/a"] } });
        expect((await api.get("rr-1")).code).toBe(200);
        expect((await api.merge("rr-1", { metadata: { finalizers: null } })).code).toBe(200);
        expect((await api.get("rr-1")).code).toBe(404);
      });

      it("removes what a selector matches", async () => {
        await make("rr-1", "rr-2");
        await api.merge("rr-2", { metadata: { labels: { team: "other" } } });
        expect(namesOf(await api.removeAll("?labelSelector=team%3Dshop"))).toEqual(["rr-1"]);
        expect(namesOf(await api.list())).toEqual(["rr-2"]);
      });

      it("keeps everything in a dry run", async () => {
        expect((await api.create(remediationRequest("rr-1"), "?dryRun=All")).code).toBe(201);
        expect((await api.get("rr-1")).code).toBe(404);
        await make("rr-2");
        expect((await api.remove("rr-2", { dryRun: ["All"] })).code).toBe(200);
        expect((await api.get("rr-2")).code).toBe(200);
      });
    });

    describe("lists", () => {
      it("gives every object once over pages in the order of names, all of one version", async () => {
        await make("rr-3", "rr-1", "rr-2");
        const first = await api.list("?limit=2");
        expect(first.body.metadata).toMatchObject({ remainingItemCount: 1 });
        await api.create(remediationRequest("rr-0"));
        const second = await api.list(`?limit=2&continue=${encodeURIComponent(String(first.body.metadata.continue))}`);
        expect([...namesOf(first), ...namesOf(second)]).toEqual(["rr-1", "rr-2", "rr-3"]);
        expect(versionOf(second)).toBe(versionOf(first));
        expect(second.body.metadata.continue ?? "").toBe("");
        expect((await api.list("?continue=nonsense")).code).toBe(400);
      });

      it.each([
        ["labelSelector=team%3Dshop", ["rr-1"]],
        ["labelSelector=team!%3Dshop", ["rr-2", "rr-3"]],
        ["labelSelector=team", ["rr-1", "rr-2"]],
        ["labelSelector=!team", ["rr-3"]],
        ["labelSelector=team%20in%20(shop,other)", ["rr-1", "rr-2"]],
        ["labelSelector=team%20notin%20(other),team", ["rr-1"]],
        ["fieldSelector=metadata.name%3Drr-2", ["rr-2"]],
      ])("selects by %s", async (query, names) => {
        await make("rr-1", "rr-2", "rr-3");
        await api.merge("rr-2", { metadata: { labels: { team: "other" } } });
        await api.merge("rr-3", { metadata: { labels: null } });
        expect(namesOf(await api.list(`?${query}`))).toEqual(names);
      });

      it("answers 400 to a parameter that it cannot read", async () => {
        for (const query of ["fieldSelector=spec.severity%3Dinfo", "labelSelector=a%20in", "limit=x"]) {
          expect(await api.list(`?${query}`)).toMatchObject({ code: 400, body: { reason: "BadRequest" } });
        }
      });

      it("lists over all namespaces", async () => {
        await make("rr-1");
        expect(namesOf(await api.listEverywhere(`?fieldSelector=metadata.namespace%3D${api.namespace}`))).toEqual(["rr-1"]);
      });
    });

    describe("watches", () => {
      const seen = async (query: string) =>
        (await api.watch(`timeoutSeconds=1&${query}`)).map(({ type, object }) => `${type} ${object.metadata.name}`);

      it("tell every change after the version of a list, in order", async () => {
        await make("rr-1");
        const from = versionOf(await api.list());
        await api.create(remediationRequest("rr-2"));
        await api.mergeStatus("rr-1", { status: { overallPhase: "A" } });
        await api.remove("rr-1");
        expect(await seen(`resourceVersion=${from}`)).toEqual(["ADDED rr-2", "MODIFIED rr-1", "DELETED rr-1"]);
      });

      it("begin with what exists where no version is given", async () => {
        await make("rr-1");
        expect(await seen("")).toEqual(["ADDED rr-1"]);
      });

      it("tell an object that stops matching as deleted and one that begins to as added", async () => {
        await make("rr-1", "rr-2");
        await api.merge("rr-2", { metadata: { labels: { team: "other" } } });
        const from = versionOf(await api.list());
        await api.merge("rr-1", { metadata: { labels: { team: "other" } } });
        await api.merge("rr-2", { metadata: { labels: { team: "shop" } } });
        expect(await seen(`resourceVersion=${from}&labelSelector=team%3Dshop`)).toEqual(["DELETED rr-1", "ADDED rr-2"]);
      });

      it("tell a version that is forgotten as expired", async () => {
        const [event] = await api.watch("resourceVersion=1&timeoutSeconds=1");
        expect(event).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
      });
    });
  });
}
