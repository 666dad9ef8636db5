import { describe, expect, it } from "vitest";
import { ApiFailure, type ApiProblem } from "../../../src/adapters/kubernetes/api-failure.ts";
import { createKubernetesWriter } from "../../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../../src/adapters/kubernetes/request-view.ts";
import { silentLog } from "../../support/silent-log.ts";
import { ensureOf, FALLBACK, fingerprintOf, recordOf, stillTiming } from "./builders.ts";
import { ClusterModel, modelApi, type Schedule } from "./cluster-model.ts";

const fingerprint = fingerprintOf("a");
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ensureOf(n.toString(16).padStart(4, "0").repeat(16), `intent-${n}`));

function open(over: Partial<RequestApi> = {}, schedule?: Schedule, namespaces: readonly string[] = []) {
  const model = new ClusterModel();
  const timing = stillTiming();
  let collisions = 0;
  let timeUp = () => {};
  const pause: typeof timing.pause = (ms, signal) => (signal ? new Promise((resolve) => (timeUp = resolve)) : timing.pause(ms));
  const writer = createKubernetesWriter({
    api: { ...modelApi(model, schedule), ...over },
    view: NO_VIEW,
    timing: { ...timing, pause },
    fallbackNamespace: FALLBACK,
    namespaces,
    slot: "direct-test",
    onCollision: () => collisions++,
    log: silentLog,
  });
  const passDeadline = () => {
    timing.pass(4_000);
    timeUp();
  };
  return { model, writer, timing, passDeadline, collisions: () => collisions };
}

/** Lets calls begin and holds them until they are let go. */
function held() {
  const waiting: (() => void)[] = [];
  let most = 0;
  let inFlight = 0;
  const schedule: Schedule = async (effect, call) => {
    if (call !== "create") return effect();
    most = Math.max(most, ++inFlight);
    await new Promise<void>((resolve) => waiting.push(resolve));
    inFlight--;
    return effect();
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const letGo = async () => {
    for (const go of waiting.splice(0)) go();
    await settle();
  };
  return { schedule, letGo, settle, waiting, most: () => most };
}

describe("a call of many operations", () => {
  it("makes at most 20 objects at a time, and all in the end, in order", async () => {
    const { schedule, letGo, settle, waiting, most } = held();
    const { writer } = open({}, schedule);
    const results = writer.perform(many(50), 4_000);
    await settle();
    while (waiting.length > 0) await letGo();
    expect(most()).toBe(20);
    const intents = (await results).map((result) => (result.kind === "created" ? result.state.intent : result.kind));
    expect(intents).toEqual(many(50).map(({ intent }) => intent));
  });

  it("answers pending what the deadline came before, and failed what was under way", async () => {
    const { schedule, settle, letGo } = held();
    const { writer, passDeadline, model } = open({}, schedule);
    const results = writer.perform(many(30), 4_000);
    await settle();
    passDeadline();
    const kinds = await results;
    expect(kinds.slice(0, 20)).toEqual(Array(20).fill({ kind: "failed", reason: "timeout" }));
    expect(kinds.slice(20)).toEqual(Array(10).fill({ kind: "pending" }));
    await letGo();
    await letGo();
    expect(model.live()).toHaveLength(20);
  });

  it("lets one of another namespace through as soon as a place is free, however many of one namespace wait", async () => {
    const { schedule, settle, letGo, waiting } = held();
    const { writer } = open({}, schedule);
    void writer.perform(many(100), 4_000);
    await settle();
    const other = writer.perform([ensureOf(fingerprint, "intent-other", "other")], 4_000);
    await settle();
    await letGo();
    await letGo();
    expect(await other).toEqual([expect.objectContaining({ kind: "created" })]);
    while (waiting.length > 0) await letGo();
  });

  it("asks for each namespace twice however many it makes", async () => {
    const lists: string[] = [];
    const { writer, model } = open({
      list: async (namespace) => {
        lists.push(namespace);
        return model.list(namespace);
      },
    });
    await writer.perform(many(20), 4_000);
    expect(lists.sort()).toEqual([FALLBACK, FALLBACK, "shop", "shop"]);
  });
});

describe("what ensures and looks have cost", () => {
  const requestsOf = (results: readonly object[]) => results.map((result) => ("requests" in result ? result.requests : null));

  it("is all that was asked of the API server for each, with its part of what served several", async () => {
    const { writer } = open();
    // Two lists of each namespace before, two after; each creates its own.
    const [lone] = requestsOf(await writer.perform(many(1), 4_000));
    expect(lone).toBe(5);
    const crowd = requestsOf(await writer.perform(many(11).slice(1), 4_000)) as number[];
    expect(crowd.reduce((sum, requests) => sum + requests, 0)).toBeCloseTo(4 + 10);
    expect(Math.max(...crowd) - Math.min(...crowd)).toBeCloseTo(0);
  });

  it("is one request for a look, also where the object is gone, and nothing is told of writes", async () => {
    const { writer } = open();
    const [made] = await writer.perform(many(1), 4_000);
    const request = made?.kind === "created" ? made.state : expect.fail("not made");
    const gone = { ...request, uid: "another" };
    const looks = await writer.perform(
      [{ kind: "observe", request }, { kind: "observe", request: gone }, recordOf(request, "intent-0", 2)],
      4_000,
    );
    expect(looks.map(({ kind }) => kind)).toEqual(["observed", "gone", "recorded"]);
    expect(requestsOf(looks)).toEqual([1, 1, null]);
  });
});

describe("a fault of the program in one operation", () => {
  it("fails that one, and none beside it", async () => {
    const { writer, model } = open({
      create: async (namespace, manifest) => {
        if (manifest.metadata.annotations["breakwater.dev/intent"] === "intent-1") throw new TypeError("by the test");
        return model.create(namespace, manifest);
      },
    });
    const results = await writer.perform(many(3), 4_000);
    expect(results).toMatchObject([{ kind: "created" }, { kind: "failed", reason: "internal" }, { kind: "created" }]);
  });

  it("that is met before anything is asked is no other's either", async () => {
    const { writer } = open();
    const [good, odd] = many(2);
    const broken = { ...odd, draft: { namespace: "shop", spec: null } } as unknown as typeof good;
    const results = await writer.perform([broken, good] as Parameters<typeof writer.perform>[0], 4_000);
    expect(results).toMatchObject([{ kind: "failed", reason: "internal" }, { kind: "created" }]);
  });
});

describe("what may not be written", () => {
  it("is refused outside the namespaces that are allowed, the fallback being one", async () => {
    const { writer, model } = open({}, undefined, ["shop"]);
    const elsewhere = { namespace: "kube-system", name: "rr-a-1", uid: "uid-1" };
    const results = await writer.perform(
      [
        ensureOf(fingerprint, "intent-a", "kube-system"),
        { kind: "observe", request: elsewhere },
        recordOf(elsewhere, "intent-a", 2),
        ensureOf(fingerprint, "intent-a", "shop"),
        ensureOf(fingerprintOf("b"), "intent-b", ""),
        { kind: "observe", request: { ...elsewhere, namespace: FALLBACK } },
      ],
      4_000,
    );
    const refused = { kind: "refused", reason: "namespace-not-allowed" };
    expect(results.slice(0, 3)).toEqual([refused, refused, refused]);
    expect(results.slice(3).map(({ kind }) => kind)).toEqual(["created", "created", "gone"]);
    expect(model.list("kube-system")).toEqual([]);
  });

  it("is refused beyond 512 KiB", async () => {
    const { writer } = open();
    const operation = ensureOf(fingerprint, "intent-a");
    const spec = { ...operation.draft.spec, providerData: "a".repeat(512 * 1024) };
    const results = await writer.perform([{ ...operation, draft: { namespace: "shop", spec } }], 4_000);
    expect(results).toEqual([{ kind: "refused", reason: "too-large" }]);
  });
});

describe("an API server that says no", () => {
  const create = async (problem: ApiProblem) => {
    const { writer } = open({ create: () => Promise.reject(new ApiFailure(problem)) });
    return (await writer.perform([ensureOf(fingerprint, "intent-a")], 4_000))[0];
  };

  it("is obeyed for good where it will never say yes", async () => {
    for (const problem of ["too-large", "invalid"] as const) expect(await create(problem)).toEqual({ kind: "refused", reason: problem });
  });

  it("is asked again later where it may", async () => {
    const denied = ["admission-denied", "bad-request", "unprocessable"] as const;
    const passing = ["forbidden", "quota", "unauthorized", "type-missing", "namespace-missing", "namespace-terminating"] as const;
    for (const problem of [...denied, ...passing, "timeout", "api-unreachable", "api-error", "throttled"] as const)
      expect(await create(problem)).toEqual({ kind: "failed", reason: problem });
  });

  it("is not taken to say gone by a missing type or a failed look", async () => {
    const request = { namespace: "shop", name: "rr-a-1", uid: "uid-1" };
    for (const problem of ["type-missing", "forbidden", "timeout"] as const) {
      const { writer } = open({ get: () => Promise.reject(new ApiFailure(problem)) });
      const results = await writer.perform([{ kind: "observe", request }, recordOf(request, "intent-a", 2)], 4_000);
      expect(results).toEqual(Array(2).fill({ kind: "failed", reason: problem }));
    }
  });
});
