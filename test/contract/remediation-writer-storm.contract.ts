import { beforeEach, describe, expect, it } from "vitest";
import { memberId, stormName } from "../../src/domain/storm-draft.ts";
import type { EnsureStormOperation, Operation, OperationResult } from "../../src/ports/remediation-writer.ts";
import { memberLine } from "../support/storm-builders.ts";
import { BORN_MS, ensureOf, ensureStormOf, recordOf } from "../unit/kubernetes/builders.ts";
import { randomHex, TIMEOUT_MS, type WriterBench } from "./remediation-writer.contract.ts";

type Created = Extract<OperationResult, { kind: "storm-created" }>;

/** What a RemediationWriter promises of storms. */
export function stormCases(bench: () => WriterBench): void {
  let group: string;
  let members: string[];
  beforeEach(() => {
    group = randomHex(64);
    members = Array.from({ length: 4 }, () => randomHex(64));
  });

  const one = async (operation: Operation): Promise<OperationResult> => {
    const [result] = await bench().writer.perform([operation], TIMEOUT_MS);
    if (!result) throw new Error("no result");
    return result;
  };
  const storm = (window: string, over: Partial<EnsureStormOperation> = {}, of: readonly string[] = members) =>
    ensureStormOf(group, window, of, bench().namespace, over);
  const made = async (operation: EnsureStormOperation): Promise<Created> => {
    const result = await one(operation);
    if (result.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(result)}`);
    return result;
  };
  const single = (fingerprint: string, intent = "intent-x") => one(ensureOf(fingerprint, intent, bench().namespace));
  const window = () => randomHex(32);
  const NONE = { youngerThanMs: 3_600_000, fewerThan: 0, exceptUids: [] };

  describe("a window", () => {
    it("has one object, named after it, whoever ensures it, at once or again, and also once that has ended", async () => {
      const id = window();
      const results = await bench().writer.perform([storm(id), storm(id), storm(id)], TIMEOUT_MS);
      const { state } = await made(storm(id, { retry: true }));
      expect(state).toMatchObject({ namespace: bench().namespace, name: stormName(id), intent: `intent-${id}`, ended: false });
      expect(results.map((result) => "state" in result && [result.kind, result.state.uid])).toEqual(
        Array(3).fill(["storm-created", state.uid]),
      );
      await bench().setPhase(state, "Completed", BORN_MS);
      expect(await made(storm(id, { retry: true }))).toMatchObject({ state: { uid: state.uid, ended: true }, held: [] });
      expect(await bench().size(group)).toBe(1);
    });

    it("shares no object with another of its group that opened at the same time", async () => {
      const [first, second] = [window(), window()];
      const results = await bench().writer.perform(
        [storm(first, { adopt: NONE }, members.slice(0, 2)), storm(second, { adopt: NONE }, members.slice(2))],
        TIMEOUT_MS,
      );
      const names = results.map((result) => "state" in result && result.state.name);
      expect(names).toEqual([stormName(first), stormName(second)]);
    });

    it("gets its object in the fallback namespace where its group has none", async () => {
      const operation = ensureStormOf(group, window(), members, "");
      expect(await one(operation)).toMatchObject({ kind: "storm-created", state: { namespace: bench().fallbackNamespace } });
    });
  });

  describe("a storm that a ledger forgot", () => {
    it("is adopted by the next window of its group, with its age and members", async () => {
      const { state } = await made(storm(window()));
      const extra = randomHex(64);
      await one(recordOf(state, "slot", 6, { storm: { members: [memberLine(extra, "shop:Pod:late")], closedAtMs: null } }));
      const adopted = await one(storm(window(), { retry: true }, [...members, extra, randomHex(64)]));
      expect(adopted).toMatchObject({ kind: "storm-adopted", state: { uid: state.uid }, held: [], members: 5 });
      if (adopted.kind !== "storm-adopted") return;
      expect(adopted.otherOccurrences).toBe(7);
      expect(adopted.openedAtMs).toBeGreaterThanOrEqual(0);
      expect(await bench().size(group)).toBe(1);
    });

    it("is the oldest of several", async () => {
      const first = await made(storm(window(), { adopt: NONE }, members.slice(0, 2)));
      const second = await made(storm(window(), { adopt: NONE }, members.slice(2)));
      const adopt = (...exceptUids: string[]) => one(storm(window(), { adopt: { ...NONE, fewerThan: 100, exceptUids } }, [randomHex(64)]));
      const uids = [first.state.uid, second.state.uid];
      const [chosen, again] = [await adopt(), await adopt()];
      const uid = chosen.kind === "storm-adopted" ? chosen.state.uid : "";
      expect(uids).toContain(uid);
      expect(again).toMatchObject({ kind: "storm-adopted", state: { uid } });
      expect(await adopt(uid)).toMatchObject({ kind: "storm-adopted", state: { uid: uids.find((other) => other !== uid) } });
    });

    it.each([
      ["it takes no more", async (uid: string) => ({ close: true, adopt: { ...NONE, fewerThan: 100, exceptUids: [`not-${uid}`] } })],
      ["the ledger closed it", async (uid: string) => ({ close: false, adopt: { ...NONE, fewerThan: 100, exceptUids: [uid] } })],
      ["it is too old", async () => ({ close: false, adopt: { ...NONE, fewerThan: 100, youngerThanMs: 0 } })],
      ["it is full", async () => ({ close: false, adopt: { ...NONE, fewerThan: 4 } })],
    ])("stays alone, so that the next window gets an object of its own, where %s", async (_, how) => {
      const { state } = await made(storm(window()));
      const { close, adopt } = await how(state.uid);
      if (close) await one(recordOf(state, "slot", 1, { storm: { members: [], closedAtMs: BORN_MS + 5_000 } }));
      const id = window();
      expect(await made(storm(id, { adopt }, [randomHex(64)]))).toMatchObject({ state: { name: stormName(id) }, held: [] });
      expect(await bench().size(group)).toBe(2);
    });

    it("is not adopted once it has ended", async () => {
      const { state } = await made(storm(window()));
      await bench().setPhase(state, "Failed", BORN_MS);
      const id = window();
      expect(await made(storm(id))).toMatchObject({ state: { name: stormName(id) }, held: [] });
    });
  });

  heldCases();
  listingCases();

  function heldCases(): void {
    describe("a member that a live request holds", () => {
      it("is left out of the storm and named, also to who asks again", async () => {
        const [own, other] = [members[0] as string, members[1] as string];
        const alone = await single(own);
        const before = await made(storm(window(), { adopt: NONE }, [other]));
        if (alone.kind !== "created") throw new Error("not created");
        const id = window();
        const held = [
          { fingerprint: own, state: expect.objectContaining({ uid: alone.state.uid }) },
          { fingerprint: other, state: expect.objectContaining({ uid: before.state.uid, session: null }) },
        ];
        const first = await made(storm(id, { adopt: NONE }));
        expect(first.held).toEqual(held);
        expect((await made(storm(id, { adopt: NONE, retry: true }))).held).toEqual(held);
        await bench().setPhase(alone.state, "Completed", BORN_MS);
        await bench().setPhase(before.state, "Completed", BORN_MS);
        expect(await single(own, "intent-y")).toMatchObject({ kind: "created" });
        expect(await single(members[2] as string, "intent-z")).toMatchObject({ kind: "existing", state: { uid: first.state.uid } });
      });

      it("is named to who asks again although that has ended since: it is in no other object", async () => {
        const own = members[0] as string;
        const alone = await single(own);
        if (alone.kind !== "created") throw new Error("not created");
        const id = window();
        await made(storm(id));
        await bench().setPhase(alone.state, "Completed", BORN_MS + 1_000);
        const { held } = await made(storm(id, { retry: true }));
        expect(held).toMatchObject([{ fingerprint: own, state: { uid: alone.state.uid, ended: true } }]);
      });

      it("is no reason for a storm that would have no other", async () => {
        const [own, other] = [members[0] as string, members[1] as string];
        await single(own);
        await single(other, "intent-o");
        const result = await one(storm(window(), {}, [own, other]));
        expect(result).toMatchObject({ kind: "storm-held", held: [{ fingerprint: own }, { fingerprint: other }] });
        expect(await bench().size(group)).toBe(0);
      });

      it("joins the storm that is adopted, unless that is not what holds it", async () => {
        const outside = randomHex(64);
        const { state } = await made(storm(window()));
        const alone = await single(outside);
        const result = await one(storm(window(), {}, [...members, outside]));
        expect(result).toMatchObject({ kind: "storm-adopted", state: { uid: state.uid }, held: [{ fingerprint: outside }] });
        expect("state" in alone && result.kind === "storm-adopted" && result.held[0]?.state.uid === alone.state.uid).toBe(true);
      });
    });

    describe("an alert of a live storm", () => {
      it("gets no request of its own until that ends, and no watch is named that would tell of the storm under its name", async () => {
        const { state } = await made(storm(window()));
        const held = await single(members[3] as string);
        expect(held).toMatchObject({ kind: "existing", state: { uid: state.uid, session: null }, takenBack: [] });
        await bench().setPhase(state, "Completed", BORN_MS);
        expect(await single(members[3] as string, "intent-y")).toMatchObject({ kind: "created" });
      });

      it("is found where it was listed later", async () => {
        const late = randomHex(64);
        const { state } = await made(storm(window()));
        await one(recordOf(state, "slot", 1, { storm: { members: [memberLine(late, "shop:Pod:late")], closedAtMs: null } }));
        expect(await single(late)).toMatchObject({ kind: "existing", state: { uid: state.uid } });
      });

      it("is found also where the object had no room for more than its id", async () => {
        const many = Array.from({ length: 300 }, () => randomHex(64));
        const operation = storm(window(), {}, many);
        const annotations = { text: "é".repeat(1_000) };
        const detailed = operation.storm.members.map((member) => ({ ...member, details: { labels: {}, annotations } }));
        const { state } = await made({ ...operation, storm: { ...operation.storm, members: detailed } });
        expect(await single(many[299] as string)).toMatchObject({ kind: "existing", state: { uid: state.uid } });
      });
    });
  }

  function listingCases(): void {
    describe("the members of a storm", () => {
      const lines = (...fingerprints: (string | undefined)[]) => fingerprints.map((each, n) => memberLine(each ?? "", `shop:Pod:web-${n}`));
      const record = (request: Created["state"], told: readonly string[], closedAtMs: number | null = null) =>
        one(recordOf(request, "slot", 1, { storm: { members: told, closedAtMs } }));

      it("are listed as they are told, each once, in a stable order, and counted in the answer", async () => {
        const { state } = await made(storm(window()));
        const [first, second, third] = lines(...members);
        expect(await record(state, [first ?? "", second ?? ""])).toMatchObject({ kind: "recorded", members: 2 });
        const renamed = memberLine(members[0] ?? "", "shop:Pod:other");
        expect(await record(state, [third ?? "", renamed, second ?? ""])).toMatchObject({ kind: "recorded", members: 3 });
        expect(await bench().storm(state)).toMatchObject({ members: [first, second, third], closedAtMs: null });
        const again = await record(state, [third ?? ""]);
        expect(await record(state, [third ?? ""])).toEqual(again);
        expect(memberId(members[0] ?? "")).toHaveLength(16);
      });

      it("are listed again once they are told again after a controller erased them, and so is the end of taking alerts", async () => {
        const { state } = await made(storm(window()));
        await record(state, lines(...members), BORN_MS + 7_000);
        await bench().erase(state, "Processing");
        expect(await bench().storm(state)).toMatchObject({ members: [], closedAtMs: null });
        expect(await record(state, lines(...members), BORN_MS + 7_000)).toMatchObject({ members: 4, state: { phase: "Processing" } });
        expect(await bench().storm(state)).toMatchObject({ members: lines(...members), closedAtMs: BORN_MS + 7_000 });
      });

      it("that it was not made of are told of with labels, annotations and start, once, and nobody who is not listed", async () => {
        const { state } = await made(storm(window()));
        const [late, later] = [randomHex(64), randomHex(64)];
        const detailed = (whose: string, text = "x") => ({
          ...{ id: memberId(whose), severity: "critical" as const, startsAt: new Date(BORN_MS).toISOString() },
          ...{ labels: { pod: "web-9", text }, annotations: { summary: "Down." } },
        });
        const tell = (told: readonly string[], ...details: ReturnType<typeof detailed>[]) =>
          one(recordOf(state, "slot", 1, { storm: { members: told, details, closedAtMs: null } }));
        await tell(lines(members[0], late), detailed(members[0] ?? ""), detailed(late), detailed(later));
        expect((await bench().storm(state)).details).toEqual([detailed(late)]);
        await tell(lines(later), detailed(late, "another"), detailed(later));
        await tell([]);
        expect((await bench().storm(state)).details).toEqual([detailed(late), detailed(later)]);
      });

      it("are no more taken since the earliest time told, whoever comes later", async () => {
        const { state } = await made(storm(window()));
        await record(state, [], BORN_MS + 7_000);
        await record(state, [], BORN_MS + 9_000);
        await record(state, lines(members[0]), null);
        expect(await bench().storm(state)).toMatchObject({ members: lines(members[0]), closedAtMs: BORN_MS + 7_000 });
      });

      it("are listed on no request of a single alert", async () => {
        const result = await single(members[0] as string);
        if (result.kind !== "created") throw new Error("not created");
        expect(await record(result.state, lines(...members))).toMatchObject({ kind: "recorded", members: 0 });
        expect(await bench().storm(result.state)).toMatchObject({ members: [] });
      });
    });
  }
}
