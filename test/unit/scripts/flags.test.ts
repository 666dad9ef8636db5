import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type FlagsShown, flagsAt, NotDone } from "../../../scripts/flags/gateway.ts";
import { nextLines, showLines, whyLines } from "../../../scripts/flags/lines.ts";

const AT = "2027-01-15T08:00:00.000Z";
type Flag = FlagsShown["features"][number];
const flag = (over: Partial<Flag> = {}): Flag => ({
  ...{ feature: "storm-buffering", percent: 25, settingPercent: 50, lowestSettingPercent: 50, lost: null },
  ...{
    override: { percent: 25, at: AT, by: "12345678", reason: "a trial" },
    arms: { on: { accepted: 3, duplicate: 1 }, off: { accepted: 2 } },
    ...{ rollback: null, rules: [], next: { percent: 50, needs: [] } },
  },
  ...over,
});
const shown = (...features: Flag[]): FlagsShown[] => [{ cluster: "eu", features }];

function answering(status: number, body: unknown) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send = async (url: URL, init: RequestInit) => {
    asked.push({ url: url.href, init });
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  return { gateway: flagsAt(new URL("http://localhost:8787"), "secret", send), asked };
}

describe("the command line for flags", () => {
  it("reads all clusters, or one", async () => {
    const { gateway, asked } = answering(200, { clusters: shown(flag()) });
    expect(await gateway.show()).toMatchObject([{ cluster: "eu", features: [{ percent: 25 }] }]);
    await gateway.show("a b");
    expect(asked.map(({ url }) => url)).toEqual([
      "http://localhost:8787/api/v1/admin/flags",
      "http://localhost:8787/api/v1/admin/flags?cluster=a%20b",
    ]);
    expect(asked[0]?.init).toMatchObject({ headers: { authorization: "Bearer secret" }, redirect: "manual" });
  });

  it("sets a share, and says what the gateway says to it", async () => {
    const change = { feature: "storm-buffering", share: "60%", reason: "a trial" };
    const { gateway, asked } = answering(200, shown(flag())[0]);
    expect(await gateway.set(change)).toMatchObject({ cluster: "eu" });
    expect(asked[0]?.init).toMatchObject({ method: "POST", body: JSON.stringify(change) });
    const problem = JSON.stringify({ status: 409, code: "share-above-setting", detail: "the setting is 50%" });
    await expect(answering(409, problem).gateway.set(change)).rejects.toThrow("409 share-above-setting: the setting is 50%");
    await expect(answering(401, "").gateway.show()).rejects.toThrow("ADMIN_TOKEN");
  });

  it.each(["<html>", "[]", '{"clusters":[{}]}', '{"clusters":[{"cluster":"a","features":[{"feature":"x"}]}]}'])(
    "believes no answer that has no flags in it: %s",
    async (body) => {
      await expect(answering(200, body).gateway.show()).rejects.toBeInstanceOf(NotDone);
    },
  );

  it("shows shares, who set them and why, and both arms side by side", () => {
    expect(showLines(shown(flag(), flag({ feature: "state-based-dedup", override: null, arms: { on: {}, off: {} } })))).toEqual([
      "CLUSTER  FEATURE            SHARE  SETTING  OVERRIDE",
      `eu       storm-buffering    25%    50%      25% since ${AT} by 12345678: a trial`,
      "eu       state-based-dedup  25%    50%      none",
      "",
      "CLUSTER  FEATURE          ALERTS     WITH  WITHOUT",
      "eu       storm-buffering  accepted   3     2",
      "eu       storm-buffering  duplicate  1     0",
    ]);
  });

  it("says why a share is what it is", () => {
    const lost = { percent: 0, at: AT, noticedAt: AT };
    expect(whyLines(shown(flag()))).toEqual([
      `eu storm-buffering: 25%: 12345678 has set it at ${AT} (a trial); the lowest setting of a gateway is 50%`,
    ]);
    expect(whyLines(shown(flag({ override: null, percent: 20, lowestSettingPercent: 20, lost })))).toEqual([
      "eu storm-buffering: 20%: the lowest setting of a gateway is 20%",
      "eu storm-buffering: gateways differ: the one that answers is set to 50%",
      `eu storm-buffering: Redis has lost an override of 0% from ${AT}, noticed at ${AT}: set it again, or go by the setting`,
    ]);
    expect(whyLines(shown(flag()), "state-based-dedup")).toEqual([]);
  });

  it("says which rule has turned a feature off, and how each of them stands", () => {
    const rollback = { rule: "aggregation", at: AT, alerts: ["a1", "b2"] };
    const rules = [
      { rule: "aggregation", state: "breach", votes: 12, blind: false },
      { rule: "buffer-hits", state: "not-enough", votes: 0, blind: true },
    ];
    expect(whyLines(shown(flag({ rollback, rules }))).slice(1)).toEqual([
      `eu storm-buffering: the rule aggregation has turned it off at ${AT}; receipts that show why: a1 b2`,
      "eu storm-buffering: aggregation breach, 12 votes",
      "eu storm-buffering: buffer-hits not-enough, 0 votes, blind",
    ]);
  });

  it("names the next step, and where it is made", () => {
    const next = (over: Partial<Flag>) => nextLines(shown(flag(over)))[0]?.replace("eu storm-buffering: ", "");
    const to = (percent: number, ...needs: { rule: string; state: string }[]) => ({ next: { percent, needs } });
    const rollback = { rule: "aggregation", at: AT, alerts: [] };
    expect(next(to(10))).toBe("10%: npm run -s flags -- set storm-buffering 10% --reason …");
    expect(next({ ...to(10), rollback })).toBe("10%: npm run -s flags -- set storm-buffering 10% --reason … --acknowledge aggregation");
    expect(next(to(50))).toBe("50%: npm run -s flags -- set storm-buffering setting --reason …");
    expect(next(to(50, { rule: "bypassing", state: "not-enough" }))).toBe("50% needs every rule at pass: bypassing (not-enough)");
    expect(next(to(75))).toBe("75%: raise the setting of each gateway, which is 50% at the lowest");
    expect(next({ next: null })).toBe("100%: all namespaces have it");
  });

  it.each([
    [["shown"], "there is no shown"],
    [["set", "storms", "25%", "--reason", "x"], "there is no feature storms"],
    [["set", "storm-buffering", "101%", "--reason", "x"], "set takes a feature and a share"],
    [["set", "storm-buffering", "25%"], "--reason"],
    [["show", "--url", "localhost"], "--url"],
    [["why", "storm-buffering", "25%"], "too much"],
    [["show", "--all"], "--all"],
  ])("refuses %j with its usage", (args, told) => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/flags.ts", ...args], { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringContaining(told)]);
    expect(stderr).toContain("usage: npm run -s flags");
  });
});
