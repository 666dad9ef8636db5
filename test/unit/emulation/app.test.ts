import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEmulation } from "../../../src/emulation/app.ts";
import { kubeconfig } from "../../../src/emulation/kubeconfig.ts";
import { apiClient } from "./api-client.ts";
import { crd, openEmulation } from "./open-emulation.ts";
import { remediationRequest } from "./remediation-request.ts";

const API = "/apis/remediation.kubernaut.io/v1alpha1";
const OBJECTS = `${API}/namespaces/test/remediationrequests`;
const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

const json = async (response: Promise<Response>) => (await response).json();
const client = ({ ask }: ReturnType<typeof openEmulation>) => apiClient(ask, "test");

describe("the emulation's door", () => {
  it.each([
    ["nothing", "/version", {}],
    ["another token", "/version", { authorization: "Bearer other" }],
    ["another scheme", "/version", { authorization: "Basic secret" }],
    ["another token in the path", "/token/other/version", {}],
    ["no token in the path", "/token/", {}],
    ["another token in the path beside the right one", "/token/other/version", { authorization: "Bearer secret" }],
  ])("stays shut to %s", async (_, path, headers) => {
    const response = await openEmulation().send(path, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ kind: "Status", reason: "Unauthorized", code: 401 });
  });

  it("opens to the token as bearer, and to the server address of its kubeconfig", async () => {
    const { ask, send } = openEmulation();
    expect((await ask("/version")).status).toBe(200);
    const { server } = JSON.parse(kubeconfig("http://emulation/", "secret")).clusters[0].cluster;
    expect(new URL(server).origin).toBe("http://emulation");
    expect(await json(send(`${new URL(server).pathname}/version`))).toMatchObject({ major: "1" });
  });

  it("names a method that a path does not take, and a path that is not there", async () => {
    const { ask } = openEmulation();
    expect(await json(ask(OBJECTS, { method: "PUT", body: "{}" }))).toMatchObject({ code: 405, reason: "MethodNotAllowed" });
    expect(await json(ask(`${API}/nothing`))).toMatchObject({ code: 404, reason: "NotFound" });
  });

  it("takes no body over 3 MiB and no object over what etcd takes", async () => {
    const api = client(openEmulation());
    expect((await api.create(" ".repeat(3 * 1024 * 1024 + 1))).code).toBe(413);
    expect((await api.create(remediationRequest("rr-1", { stormType: "x".repeat(1.5 * 1024 * 1024) }))).code).toBe(500);
    expect((await api.list()).body.items).toEqual([]);
  });

  it("tells its log of a fault of its own, and the client nothing about it", async () => {
    const errors: unknown[] = [];
    let broken = false;
    const clock = {
      now: () => {
        if (broken) throw new TypeError("secret detail");
        return 0;
      },
    };
    const emulation = createEmulation({
      crd,
      token: "t",
      clock,
      log: { warn: () => {}, error: (event, fields) => errors.push([event, fields]) },
    });
    broken = true;
    const body = JSON.stringify(remediationRequest("rr-1"));
    const response = await emulation.fetch(
      new Request(`http://emulation/token/t${OBJECTS}`, { method: "POST", body, headers: { "content-type": "application/json" } }),
    );
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(errors).toEqual([["emulation-failed", { error: "TypeError" }]]);
  });
});

describe("the emulation's room", () => {
  it("refuses objects over their number like an exceeded quota, and has room again after a removal", async () => {
    const api = client(openEmulation({ objectsMax: 2, charactersMax: 1_000_000 }));
    for (const name of ["rr-1", "rr-2"]) expect((await api.create(remediationRequest(name))).code).toBe(201);
    expect(await api.create(remediationRequest("rr-3"))).toMatchObject({ code: 403, body: { reason: "Forbidden" } });
    expect((await api.merge("rr-1", { spec: { severity: "info" } })).code).toBe(200);
    await api.remove("rr-1");
    expect((await api.create(remediationRequest("rr-3"))).code).toBe(201);
  });

  it("takes the place of what has ended for what is new, those first that ended first, and of nothing that is live", async () => {
    const emulation = openEmulation({ objectsMax: 3, charactersMax: 1_000_000 });
    const api = client(emulation);
    for (const name of ["rr-1", "rr-2", "rr-3"]) await api.create(remediationRequest(name));
    for (const name of ["rr-3", "rr-2"]) await api.mergeStatus(name, { status: { overallPhase: "Completed" } });
    expect((await api.create(remediationRequest("rr-4"))).code).toBe(201);
    expect([(await api.get("rr-3")).code, (await api.get("rr-2")).code]).toEqual([404, 200]);
    await api.mergeStatus("rr-2", { status: { overallPhase: "Processing" } });
    expect((await api.create(remediationRequest("rr-5"))).code).toBe(403);
    expect((await api.get("rr-1")).code).toBe(200);
  });

  it("says that it is full once, and as long as it is", async () => {
    const warned: string[] = [];
    const emulation = openEmulation({ objectsMax: 2, charactersMax: 1_000_000 }, { warn: (event) => warned.push(event), error: () => {} });
    const api = client(emulation);
    for (const name of ["rr-1", "rr-2"]) await api.create(remediationRequest(name));
    expect([emulation.isFull(), warned]).toEqual([false, []]);
    for (const name of ["rr-3", "rr-4"]) await api.create(remediationRequest(name));
    expect([emulation.isFull(), warned]).toEqual([true, ["emulation-full"]]);
    await api.mergeStatus("rr-1", { status: { overallPhase: "Failed" } });
    expect(emulation.isFull()).toBe(false);
    expect((await api.create(remediationRequest("rr-3"))).code).toBe(201);
    expect([(await api.create(remediationRequest("rr-4"))).code, warned.length]).toEqual([403, 2]);
  });

  it("refuses what is over their size together, and keeps what was there", async () => {
    const api = client(openEmulation({ objectsMax: 10, charactersMax: 3000 }));
    await api.create(remediationRequest("rr-1"));
    const grown = await api.merge("rr-1", { spec: { stormType: "x".repeat(3000) } });
    expect(grown).toMatchObject({ code: 403, body: { reason: "Forbidden" } });
    expect((await api.get("rr-1")).body.spec).not.toHaveProperty("stormType");
    for (let round = 0; round < 20; round += 1) {
      await api.create(remediationRequest("rr-2", { stormType: "x".repeat(500) }));
      expect((await api.remove("rr-2")).code).toBe(200);
      expect((await api.merge("rr-1", { spec: { stormType: "x".repeat(500 + round) } })).code).toBe(200);
    }
  });

  it("forgets old changes: who has seen only those must list again, as must a page that is too old and a holder of an earlier run's version", async () => {
    const emulation = openEmulation();
    const api = client(emulation);
    const from = (await api.list()).body.metadata.resourceVersion;
    await api.create(remediationRequest("rr-1"));
    await api.create(remediationRequest("rr-2"));
    const token = encodeURIComponent(String((await api.list("?limit=1")).body.metadata.continue));
    for (let round = 0; round <= 1000; round += 1) await api.mergeStatus("rr-1", { status: { overallPhase: `p${round}` } });
    const expired = [{ type: "ERROR", object: { code: 410, reason: "Expired" } }];
    expect(await api.watch(`resourceVersion=${from}`)).toMatchObject(expired);
    expect(await api.list(`?continue=${token}`)).toMatchObject({ code: 410, body: { reason: "Expired" } });
    const later = openEmulation();
    later.clock.nowMs += 3_600_000;
    expect(await client(later).watch("resourceVersion=9999999999999")).toMatchObject(expired);
  });
});

describe("the emulation's watches", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function openWatch(ask: ReturnType<typeof openEmulation>["ask"], query: string, headers = {}) {
    const reader = (await ask(`${OBJECTS}?watch=true&${query}`, { headers })).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("\n");
    const read = async () => {
      const { value, done } = (await reader?.read()) ?? { done: true };
      const lines = new TextDecoder()
        .decode(value)
        .split("\n")
        .filter((line) => line !== "");
      return done ? null : lines.map((line) => JSON.parse(line));
    };
    return { read, cancel: () => reader?.cancel() };
  }

  it("tell a change at once, a bookmark after silence, and end in time", async () => {
    const emulation = openEmulation();
    const api = client(emulation);
    const from = (await api.list()).body.metadata.resourceVersion;
    const { read } = await openWatch(emulation.ask, `resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=30`);
    const first = read();
    const { body } = await api.create(remediationRequest("rr-1"));
    expect(await first).toMatchObject([{ type: "ADDED", object: { metadata: { name: "rr-1" } } }]);
    const bookmark = [{ type: "BOOKMARK", object: { metadata: { resourceVersion: body.metadata.resourceVersion } } }];
    const second = read();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await second).toMatchObject(bookmark);
    const third = read();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await third).toMatchObject(bookmark);
    expect(await read()).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tell what changes while the client is not reading", async () => {
    const emulation = openEmulation();
    const api = client(emulation);
    await api.create(remediationRequest("rr-1"));
    const { read, cancel } = await openWatch(emulation.ask, "");
    expect(await read()).toMatchObject([{ object: { metadata: { name: "rr-1" } } }]);
    for (const name of ["rr-2", "rr-3"]) await api.create(remediationRequest(name));
    expect(await read()).toMatchObject([{ object: { metadata: { name: "rr-2" } } }, { object: { metadata: { name: "rr-3" } } }]);
    const pending = read();
    await api.create(remediationRequest("rr-4"));
    expect(await pending).toMatchObject([{ object: { metadata: { name: "rr-4" } } }]);
    await api.create(remediationRequest("rr-5"));
    expect(await read()).toMatchObject([{ object: { metadata: { name: "rr-5" } } }]);
    await cancel();
  });

  it("give a sign of life also while others are busy", async () => {
    const emulation = openEmulation();
    const { read, cancel } = await openWatch(emulation.ask, "timeoutSeconds=300");
    const sign = read();
    for (let second = 0; second < 20; second += 1) {
      await apiClient(emulation.ask, "other").create(remediationRequest(`rr-${second}`));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(await Promise.race([sign, Promise.resolve("nothing")])).toEqual([]);
    await cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("give a sign of life where bookmarks are not wanted", async () => {
    const { read, cancel } = await openWatch(openEmulation().ask, "timeoutSeconds=300");
    const sign = read();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await sign).toEqual([]);
    await cancel();
  });

  it("leave nothing behind when the client goes", async () => {
    const { read, cancel } = await openWatch(openEmulation().ask, "timeoutSeconds=90&allowWatchBookmarks=true");
    const pending = read();
    await vi.advanceTimersByTimeAsync(0);
    await cancel();
    expect(await pending).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tell nothing of another namespace", async () => {
    const emulation = openEmulation();
    await apiClient(emulation.ask, "other").create(remediationRequest("rr-1"));
    await client(emulation).create(remediationRequest("rr-2"));
    const { read, cancel } = await openWatch(emulation.ask, "");
    expect(await read()).toMatchObject([{ object: { metadata: { name: "rr-2" } } }]);
    await cancel();
  });

  it("speak in tables to those who ask for them, and name the columns once", async () => {
    const emulation = openEmulation();
    const api = client(emulation);
    await api.create(remediationRequest("rr-1"));
    await api.create(remediationRequest("rr-2"));
    const { read, cancel } = await openWatch(emulation.ask, "", TABLE);
    expect(await read()).toMatchObject([
      {
        type: "ADDED",
        object: {
          kind: "Table",
          columnDefinitions: [{ name: "Name" }, {}, {}, {}, {}, {}, {}, {}],
          rows: [{ cells: ["rr-1", "HighMemory", "critical", null, null, null, null, "0s"] }],
        },
      },
      {
        type: "ADDED",
        object: {
          kind: "Table",
          columnDefinitions: null,
          rows: [{ cells: ["rr-2", "HighMemory", "critical", null, null, null, null, "0s"] }],
        },
      },
    ]);
    await cancel();
  });
});

describe("what kubectl asks for first", () => {
  it("is told in one document for each root, or group by group", async () => {
    const { ask } = openEmulation();
    const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json" };
    const response = await ask("/apis", { headers: aggregated });
    expect(response.headers.get("content-type")).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    const resource = { resource: "remediationrequests", scope: "Namespaced", subresources: [{ subresource: "status" }] };
    const groups = [{ metadata: { name: "apiextensions.k8s.io" } }, { versions: [{ version: "v1alpha1", resources: [resource] }] }];
    expect(await response.json()).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items: groups });
    expect(await json(ask("/apis"))).toMatchObject({ kind: "APIGroupList", groups: [{}, { name: "remediation.kubernaut.io" }] });
    expect(await json(ask(API))).toMatchObject({ resources: [{ name: "remediationrequests" }, { name: "remediationrequests/status" }] });
    expect(await json(ask("/api"))).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
  });

  it("is given as a table with the definition's columns and ages", async () => {
    const emulation = openEmulation();
    const api = client(emulation);
    await api.create(remediationRequest("rr-1"));
    await api.mergeStatus("rr-1", { status: { overallPhase: "Failed", deduplication: { occurrenceCount: 7 } } });
    emulation.clock.nowMs += 150_000;
    const table = await json(emulation.ask(OBJECTS, { headers: TABLE }));
    expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      "Name",
      "Signal",
      "Severity",
      "Highest",
      "Priority",
      "Phase",
      "Count",
      "Age",
    ]);
    expect(table.rows[0]).toMatchObject({
      cells: ["rr-1", "HighMemory", "critical", null, null, "Failed", 7, "2m30s"],
      object: { kind: "PartialObjectMetadata" },
    });
    const wide = await json(emulation.ask(`${OBJECTS}/rr-1?includeObject=Object`, { headers: TABLE }));
    expect(wide.rows[0].object.kind).toBe("RemediationRequest");
  });

  it("finds namespaces where objects live, the established definition and no events", async () => {
    const emulation = openEmulation();
    await client(emulation).create(remediationRequest("rr-1"));
    const namespaces = await json(emulation.ask("/api/v1/namespaces"));
    expect(namespaces.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
      "default",
      "kubernaut-system",
      "test",
    ]);
    expect((await emulation.ask("/api/v1/namespaces/other")).status).toBe(404);
    const { body } = await client(emulation).definition();
    expect(body.status).toMatchObject({ conditions: [{}, { type: "Established", status: "True" }] });
    expect(await json(emulation.ask("/api/v1/namespaces/test/events"))).toMatchObject({ kind: "EventList", items: [] });
  });
});

describe("a definition", () => {
  it("that asks for more than the emulation can judge is refused at the start", () => {
    const text = JSON.stringify(crd).replace("self == oldSelf", "self.size() < 5");
    expect(() => createEmulation({ crd: JSON.parse(text), token: "t", clock: { now: () => 0 } })).toThrow("cannot judge the rule");
  });
});
