import { beforeEach, describe, expect, it } from "vitest";
import { createKubernetesWriter, type KubernetesWriter } from "../../../src/adapters/kubernetes/remediation-writer.ts";
import { NO_VIEW } from "../../../src/adapters/kubernetes/request-view.ts";
import type { StoredRequest } from "../../../src/adapters/kubernetes/stored-request.ts";
import { INTENT_REMEMBERED_MS, type OperationResult } from "../../../src/ports/remediation-writer.ts";
import { silentLog } from "../../support/silent-log.ts";
import { BORN_MS, draftFor, FALLBACK, fingerprintOf, stillTiming } from "./builders.ts";
import { ClusterModel, modelApi } from "./cluster-model.ts";

const fingerprint = fingerprintOf("a");

let model: ClusterModel;
let timing: ReturnType<typeof stillTiming>;
const startProxy = (slot = "direct-test"): KubernetesWriter =>
  createKubernetesWriter({
    api: modelApi(model),
    view: NO_VIEW,
    timing,
    fallbackNamespace: FALLBACK,
    namespaces: [],
    slot,
    onCollision() {},
    log: silentLog,
  });
let proxy: KubernetesWriter;
beforeEach(() => {
  model = new ClusterModel();
  timing = stillTiming();
  proxy = startProxy();
});

const count = async (intent = "delivery", by = proxy) => {
  const [result] = await by.perform([{ kind: "count", intent, draft: draftFor(fingerprint, "shop") }], 4_000);
  return result as Extract<OperationResult, { kind: "counted" }>;
};
const end = () => model.change(model.live()[0] as StoredRequest, { phase: "Completed", completedAtMs: BORN_MS });

describe("an intent that comes again after the time for which it is the same occurrence", () => {
  it("counts on the object it made", async () => {
    expect(await count()).toMatchObject({ created: true, occurrences: 1 });
    timing.pass(INTENT_REMEMBERED_MS);
    expect(await count()).toMatchObject({ created: false, occurrences: 2 });
    expect(await count()).toMatchObject({ occurrences: 2 });
    expect(model.live()).toHaveLength(1);
  });

  it("counts also at a proxy that has not met it before", async () => {
    await count();
    timing.pass(INTENT_REMEMBERED_MS);
    expect(await count("delivery", startProxy("direct-other"))).toMatchObject({ created: false, occurrences: 2 });
  });

  it("makes another request where the one it made has ended, one for all who send it", async () => {
    const first = await count();
    end();
    expect(await count()).toMatchObject({ state: { uid: first.state.uid } });
    timing.pass(INTENT_REMEMBERED_MS);
    const next = await count();
    expect(next).toMatchObject({ created: true, occurrences: 1, state: { ended: false } });
    expect(await count()).toMatchObject({ created: true, state: { uid: next.state.uid } });
    expect(await count("delivery", startProxy("direct-other"))).toMatchObject({ state: { uid: next.state.uid } });
    expect(model.live()).toHaveLength(1);
  });

  it("makes another one each time the last has ended", async () => {
    const uids = new Set<string>();
    for (let hour = 0; hour < 4; hour += 1) {
      uids.add((await count()).state.uid);
      end();
      timing.pass(3_600_000);
    }
    expect(uids.size).toBe(4);
  });
});
