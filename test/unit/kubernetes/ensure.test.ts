import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../src/adapters/kubernetes/api-failure.ts";
import { createKubernetesWriter } from "../../../src/adapters/kubernetes/remediation-writer.ts";
import type { RequestApi } from "../../../src/adapters/kubernetes/request-api.ts";
import { NO_VIEW } from "../../../src/adapters/kubernetes/request-view.ts";
import { silentLog } from "../../support/silent-log.ts";
import { ensureOf, FALLBACK, fingerprintOf, stillTiming } from "./builders.ts";
import { ClusterModel, modelApi } from "./cluster-model.ts";

const fingerprint = fingerprintOf("a");
const NAME = `rr-${fingerprint.slice(0, 32)}`;

function open(over: (api: RequestApi, model: ClusterModel) => Partial<RequestApi> = () => ({})) {
  const model = new ClusterModel();
  const timing = stillTiming();
  const api = modelApi(model);
  let collisions = 0;
  const options = {
    view: NO_VIEW,
    timing,
    fallbackNamespace: FALLBACK,
    namespaces: [],
    slot: "direct-test",
    onCollision: () => collisions++,
    log: silentLog,
  };
  const writer = createKubernetesWriter({ api: { ...api, ...over(api, model) }, ...options });
  const ensure = async (intent: string, namespace = "shop") => (await writer.perform([ensureOf(fingerprint, intent, namespace)], 4_000))[0];
  return { model, ensure, timing, collisions: () => collisions };
}

/** A foreign object, as something that knows nothing of intents would make it. */
const plant = (model: ClusterModel, name: string, namespace = "shop") => {
  const { draft } = ensureOf(fingerprint, "", namespace);
  return model.create(namespace, { metadata: { name, labels: {}, annotations: {} }, spec: draft.spec });
};

describe("ensure", () => {
  it("finds a live request that something else made, by its spec alone", async () => {
    const { model, ensure } = open();
    const foreign = plant(model, "remediation-of-yesterday");
    expect(await ensure("intent-a")).toMatchObject({ kind: "existing", state: { uid: foreign.uid, intent: null }, otherOccurrences: 1 });
  });

  it("takes an object that is being deleted for ended, and its name for taken", async () => {
    const { model, ensure } = open();
    model.change(plant(model, `${NAME}-1`), { deletedAtMs: 1 });
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { name: `${NAME}-2` } });
  });

  it("counts on from the highest number of the name, whatever holds it", async () => {
    const { model, ensure } = open();
    model.change(plant(model, `${NAME}-9`), { phase: "Completed" });
    model.change(plant(model, `${NAME}-10`), { fingerprint: fingerprintOf("b") });
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { name: `${NAME}-11` } });
  });

  it("finds in the fallback namespace what was put there while its own was missing", async () => {
    const { model, ensure } = open();
    model.setNamespace("shop", "missing");
    const made = await ensure("intent-a");
    expect(made).toMatchObject({ kind: "created", state: { namespace: FALLBACK } });
    model.setNamespace("shop", "present");
    expect(await ensure("intent-b")).toMatchObject({ kind: "existing", state: { namespace: FALLBACK } });
  });

  it("goes to the fallback namespace while its own is going away", async () => {
    const { model, ensure } = open();
    model.setNamespace("shop", "terminating");
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { namespace: FALLBACK } });
  });

  it("takes its object back when an earlier one shows up, and counts that", async () => {
    const { model, ensure, collisions } = open((api) => ({
      create: async (namespace, manifest) => {
        plant(model, `${NAME}-7`);
        return api.create(namespace, manifest);
      },
    }));
    expect(await ensure("intent-a")).toMatchObject({ kind: "existing", state: { name: `${NAME}-7` } });
    expect(model.live()).toHaveLength(1);
    expect(collisions()).toBe(1);
  });

  it("leaves its object where a controller has begun to work on it, and counts that", async () => {
    const { model, ensure, collisions } = open((api) => ({
      create: async (namespace, manifest) => {
        plant(model, `${NAME}-7`);
        const created = await api.create(namespace, manifest);
        model.change(created, { phase: "Processing" });
        return created;
      },
    }));
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { phase: "Processing" } });
    expect(model.live()).toHaveLength(2);
    expect(collisions()).toBe(1);
  });

  it("takes its object back where a twin made one for the same intent in the other namespace, even one that has ended", async () => {
    const { model, ensure } = open((api) => ({
      create: async (namespace, manifest) => {
        model.change(await api.create(FALLBACK, manifest), { phase: "Completed" });
        return api.create(namespace, manifest);
      },
    }));
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { namespace: FALLBACK, phase: "Completed" } });
    expect(model.objects.size).toBe(1);
  });

  it("looks again where its object changed before it could be taken back", async () => {
    let changed = false;
    const { model, ensure } = open((api) => ({
      create: async (namespace, manifest) => {
        plant(model, `${NAME}-7`);
        return api.create(namespace, manifest);
      },
      delete: async (request) => {
        if (!changed) model.change(request, {});
        changed = true;
        return api.delete(request);
      },
    }));
    expect(await ensure("intent-a")).toMatchObject({ kind: "existing", state: { name: `${NAME}-7` } });
    expect(model.live()).toHaveLength(1);
  });

  it("answers with the phase that its object has reached meanwhile", async () => {
    const { model, ensure } = open((api) => ({
      create: async (namespace, manifest) => {
        const created = await api.create(namespace, manifest);
        model.change(created, { phase: "Completed" });
        return created;
      },
    }));
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { phase: "Completed", ended: true } });
  });

  it("finds its object after the answer to the creation was lost", async () => {
    let lost = false;
    const { model, ensure } = open((api) => ({
      create: async (namespace, manifest) => {
        const created = await api.create(namespace, manifest);
        if (lost) return created;
        lost = true;
        throw new ApiFailure("timeout");
      },
    }));
    expect(await ensure("intent-a")).toEqual({ kind: "failed", reason: "timeout" });
    expect(await ensure("intent-a")).toMatchObject({ kind: "created", state: { name: `${NAME}-1` } });
    expect(model.live()).toHaveLength(1);
  });

  it("gives up after four rounds with pauses in between", async () => {
    let creations = 0;
    const { ensure, timing } = open(() => ({
      create: () => {
        creations++;
        return Promise.reject(new ApiFailure("already-exists"));
      },
    }));
    expect(await ensure("intent-a")).toEqual({ kind: "failed", reason: "contended" });
    expect(creations).toBe(4);
    expect(timing.pauses).toHaveLength(3);
  });
});
