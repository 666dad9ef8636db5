import { describe, expect, it } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import { openapi } from "../../../src/http/openapi/document.ts";
import { type OpenApi, undescribed } from "../../runtime/described.ts";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { openEmbeddedLedger } from "../../support/embedded-ledger.ts";
import { call, ensured, fingerprint, firing, RULES } from "../../support/ledger-builders.ts";
import { createMemoryRemediationWriter } from "../../support/memory-writer.ts";
import { openGateway, sha256, TOKENS } from "./bench.ts";

const FLAGS = "/api/v1/admin/flags";
const AT = "2027-01-15T08:00:00.000Z";
const nowMs = Date.parse(AT);

type Answer = { status: number; json: Record<string, unknown>; headers: Headers };
type Feature = Record<string, unknown>;

function open(...args: Parameters<typeof openGateway>) {
  const bench = openGateway(...args);
  const asked = async (answering: Promise<Response>, method: string): Promise<Answer> => {
    const response = await answering;
    const text = await response.text();
    const contentType = response.headers.get("content-type") ?? "";
    expect(undescribed(openapi as unknown as OpenApi, { method, path: FLAGS, status: response.status, contentType, text })).toEqual([]);
    return { status: response.status, json: JSON.parse(text), headers: response.headers };
  };
  const get = (query = "", token: string = TOKENS.admin) => asked(bench.ask(FLAGS + query, { token }), "GET");
  const send = (body: string, headers: object = {}, token: string = TOKENS.admin) =>
    asked(bench.ask(FLAGS, { token, method: "POST", body, headers }), "POST");
  const set = (change: object) => send(JSON.stringify({ feature: "storm-buffering", share: "25%", reason: "a trial", ...change }));
  const featuresOf = async (): Promise<Feature[]> => ((await get()).json.clusters as { features: Feature[] }[])[0]?.features ?? [];
  return { ...bench, get, send, set, featuresOf };
}

describe("a feature that a rule has turned off", () => {
  /** Requests of which each is taken back, a minute each, until the rule about that has enough. */
  async function openBroken() {
    let minutes = 0;
    const time = () => nowMs + minutes * 60_000;
    const ledger = openEmbeddedLedger({ ...RULES, intentsMax: 1_000 }, time);
    for (let rolledBack = 0; rolledBack === 0 && minutes < 20; minutes += 1) {
      const word = `w${minutes}`;
      const [verdict] = await ledger.admit(call([firing(word)]));
      const fact = ensured(word, verdict?.kind === "ensure" ? verdict.intent : "", {}, "existing");
      await ledger.fact([fact.kind === "ensured" ? { ...fact, takenBack: ["another"] } : fact]);
      rolledBack = (await ledger.lease(0)).rolledBack.length;
    }
    return open({ cluster: { ledger } });
  }

  it("is shown with the proof, its rules, and what the next step needs", async () => {
    const { featuresOf } = await openBroken();
    const [dedup, storms] = await featuresOf();
    expect(dedup).toMatchObject({
      percent: 0,
      override: { percent: 0, by: "rules", reason: "collisions" },
      rollback: {
        rule: "collisions",
        state: "breach",
        mean: 1,
        limit: 0.05,
        windowMinutes: 5,
        alerts: expect.arrayContaining([fingerprint("w0")]),
      },
      next: { percent: 10, needs: [] },
    });
    expect(dedup?.rules).toContainEqual(
      expect.objectContaining({ rule: "collisions", state: "breach", blind: false, off: { votes: 0, units: 0, mean: null } }),
    );
    expect(storms).toMatchObject({ percent: 100, rollback: null, next: null });
  });

  it("is turned on again by who acknowledges the rule by its name", async () => {
    const { set, featuresOf } = await openBroken();
    const mended = { feature: "state-based-dedup", share: "10%", reason: "mended" };
    const refused = { status: 409, json: { code: "rollback-unacknowledged", detail: expect.stringContaining("collisions") } };
    expect(await set(mended)).toMatchObject(refused);
    expect(await set({ ...mended, acknowledge: "accuracy" })).toMatchObject(refused);
    expect(await set({ ...mended, acknowledge: "nonsense" })).toMatchObject({ status: 422, json: { code: "rule-unknown" } });
    expect(await set({ ...mended, acknowledge: "collisions" })).toMatchObject({ status: 200 });
    expect((await featuresOf())[0]).toMatchObject({ percent: 10, rollback: null });
  });
});

describe("flags", () => {
  it("are shown with settings, override and both arms, by cluster", async () => {
    const { get, set, post } = open({ rules: { shares: { "state-based-dedup": 100, "storm-buffering": 0 } } });
    await post(webhook([alertIn("shop")]));
    expect(await set({ feature: "state-based-dedup", share: "10%" })).toMatchObject({ status: 200, json: { cluster: "default" } });
    const change = { feature: "state-based-dedup", percent: 10, by: sha256(TOKENS.admin).slice(0, 8), reason: "a trial", at: AT };
    const { feature: _, ...override } = change;
    const unjudged = { rollback: null, rules: [] };
    const stands = { settingPercent: 100, lowestSettingPercent: 100, lost: null, ...unjudged, next: { percent: 25, needs: [] } };
    expect((await get()).json).toEqual({
      clusters: [
        {
          cluster: "default",
          features: [
            { feature: "state-based-dedup", percent: 10, ...stands, override, arms: { on: { accepted: 1 }, off: {} } },
            {
              ...{ feature: "storm-buffering", percent: 0, settingPercent: 0 },
              ...{ lowestSettingPercent: 0, override: null, lost: null, arms: { on: {}, off: { accepted: 1 } } },
              ...{ ...unjudged, next: { percent: 10, needs: [] } },
            },
          ],
          changes: [change],
        },
      ],
    });
  });

  it.each([
    [true, 100],
    [false, 0],
    ["false", 0],
    ["0%", 0],
    ["7%", 7],
    ["100%", 100],
  ])("take the share %j", async (share, percent) => {
    const { set, featuresOf } = open();
    expect((await set({ share })).status).toBe(200);
    expect((await featuresOf())[1]).toMatchObject({ percent, override: { percent } });
    expect((await set({ share: null })).status).toBe(200);
    expect((await featuresOf())[1]).toMatchObject({ percent: 100, override: null });
  });

  it.each([
    [{ feature: "storms" }, "feature-unknown"],
    [{ feature: undefined }, "feature-unknown"],
    [{ feature: ["storm-buffering"] }, "feature-unknown"],
    [{ share: "101%" }, "share-invalid"],
    [{ share: "-1%" }, "share-invalid"],
    [{ share: -1 }, "share-invalid"],
    [{ share: 25 }, "share-invalid"],
    [{ share: "25" }, "share-invalid"],
    [{ share: "2.5%" }, "share-invalid"],
    [{ share: "25%\n" }, "share-invalid"],
    [{ share: undefined }, "share-invalid"],
    [{ reason: undefined }, "reason-invalid"],
    [{ reason: " " }, "reason-invalid"],
    [{ reason: "x".repeat(501) }, "reason-invalid"],
    [{ reason: { text: "x" } }, "reason-invalid"],
    [{ rule: 1 }, "change-unexpected"],
    [{ cluster: 1 }, "change-unexpected"],
  ])("refuse %j, and change nothing", async (change, code) => {
    const { set, featuresOf, lines } = open();
    expect(await set(change)).toMatchObject({ status: 422, json: { code } });
    expect(await featuresOf()).toMatchObject([{ percent: 100 }, { percent: 100 }]);
    expect(lines.filter((line) => line.includes("audit"))).toEqual([]);
  });

  it.each(["[]", '"25%"', "25", "null", "true", '[{"feature":"storm-buffering"}]'])("refuse a body of another type, %s", async (body) => {
    expect((await open().send(body)).status).toBe(422);
  });

  it.each([
    ["", {}, 400, "empty"],
    ["{", {}, 400, "json-invalid"],
    ['{"share":1,"share":2}', {}, 400, "duplicate-key"],
    ["{}", { "content-type": "text/plain" }, 415, "content-type-unsupported"],
    ["feature=storm-buffering", { "content-type": "application/x-www-form-urlencoded" }, 415, "content-type-unsupported"],
    ["{}", { "content-encoding": "br" }, 415, "encoding-unsupported"],
    [`"${"x".repeat(16_384)}"`, {}, 413, "body-too-large"],
  ])("refuse the body %.20s with %j", async (body, headers, status, code) => {
    expect(await open().send(body, headers)).toMatchObject({ status, json: { code } });
  });

  it("refuse a share above the setting, naming that", async () => {
    const { set, lines } = open({ rules: { shares: { "state-based-dedup": 100, "storm-buffering": 25 } } });
    const refused = await set({ share: "26%" });
    expect(refused).toMatchObject({ status: 409, json: { code: "share-above-setting", detail: expect.stringContaining("25%") } });
    expect(lines.filter((line) => line.includes("audit"))).toEqual([
      expect.stringContaining('"subject":"storm-buffering=26%","effect":"none"'),
    ]);
    expect((await set({ share: true })).status).toBe(409);
    expect((await set({ share: "25%" })).status).toBe(200);
  });

  it("that two set at once are both audited, and the later one holds", async () => {
    const { set, get, lines } = open();
    await Promise.all([set({ share: "50%", reason: "one" }), set({ share: "30%", reason: "other" })]);
    const { clusters } = (await get()).json as { clusters: { changes: { percent: number }[]; features: Feature[] }[] };
    expect(clusters[0]?.changes.map(({ percent }) => percent).toSorted()).toEqual([30, 50]);
    expect(lines.filter((line) => line.includes('"action":"flag-set"') && line.includes('"effect":"made"'))).toHaveLength(2);
    expect(lines.join()).not.toContain("other");
  });

  it("open to an admin token only", async () => {
    for (const token of [TOKENS.read, TOKENS.patient, "none"])
      for (const asking of [open().get("", token), open().send("{}", {}, token)]) expect([401, 403]).toContain((await asking).status);
  });

  it("are of the cluster that is named, where there are several", async () => {
    const other = { name: "eu", ledger: openEmbeddedLedger(RULES, () => nowMs), writer: createMemoryRemediationWriter() };
    const { get, set } = open({ otherClusters: [other] });
    expect(await set({})).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
    expect(await set({ cluster: "eu" })).toMatchObject({ status: 200, json: { cluster: "eu" } });
    const all = (await get()).json.clusters as { cluster: string; features: Feature[] }[];
    expect(all.map(({ cluster, features }) => [cluster, features[1]?.percent])).toEqual([
      ["default", 100],
      ["eu", 25],
    ]);
    expect((await get("?cluster=eu")).json).toMatchObject({ clusters: [{ cluster: "eu" }] });
    expect((await get("?cluster=us")).status).toBe(404);
  });

  it("say that a change may have been made where Redis did not answer", async () => {
    const { set, fail, lines } = open();
    fail(() => new Failure("ledger-unavailable", "for the log only", "unknown"));
    expect((await set({})).status).toBe(503);
    expect(lines.filter((line) => line.includes("audit"))).toEqual([expect.stringContaining('"effect":"unknown"')]);
  });

  it("stand in /metrics: the share, and alerts by arm", async () => {
    const { ask, set, post } = open({ rules: { shares: { "state-based-dedup": 100, "storm-buffering": 25 } } });
    await set({ feature: "state-based-dedup", share: "10%" });
    await set({ feature: "storm-buffering", share: "0%" });
    await post(webhook([alertIn("shop")]));
    const text = await (await ask("/metrics", { token: TOKENS.read })).text();
    expect(text).toContain('gateway_feature_share{cluster="default",feature="state-based-dedup"} 0.1\n');
    expect(text).toContain('gateway_feature_share{cluster="default",feature="storm-buffering"} 0\n');
    expect(text).toContain('gateway_feature_alerts_total{cluster="default",feature="storm-buffering",arm="off",outcome="accepted"} 1\n');
  });
});
