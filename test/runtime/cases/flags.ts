import { expect, it } from "vitest";
import { type Client, FLAGS, PROMETHEUS } from "../client.ts";
import { alertIn, sha256, webhook } from "../payloads.ts";

/** How administrators turn features off and on again. */
export function flagCases(client: () => Client): void {
  const set = (change: object) =>
    client().send(FLAGS, {
      ...{ method: "POST", token: client().target.adminToken, headers: { "content-type": "application/json" } },
      body: JSON.stringify({ feature: "state-based-dedup", reason: "a trial", ...change }),
    });

  it("decides by an override from the next alert on, until it is taken back", async () => {
    const rungOf = async () => (await client().post(PROMETHEUS, body)).results[0]?.rung;
    const body = webhook([alertIn(client().target.namespace)]);
    await rungOf();
    expect(await set({ share: false })).toMatchObject({ status: 200, json: { features: [{ percent: 0, override: { percent: 0 } }, {}] } });
    expect(await rungOf()).toBe("time");
    expect(await set({ share: null })).toMatchObject({ status: 200, json: { features: [{ percent: 100, override: null }, {}] } });
    expect(await rungOf()).not.toBe("time");
    const { clusters } = (await client().administer(FLAGS)).json as { clusters: { changes: object[] }[] };
    expect(clusters[0]?.changes.slice(0, 2)).toMatchObject([{ percent: null }, { percent: 0, reason: "a trial" }]);
  });

  it("says in the log which token changed what, without the token and the reason", async () => {
    const { target } = client();
    await set({ share: "99%", reason: "not for the log" });
    await set({ share: null });
    const audit = () => target.output().match(/^.*"action":"flag-set".*"subject":"state-based-dedup=99%".*$/m)?.[0] ?? "";
    await expect.poll(audit).toContain(sha256(target.adminToken).slice(0, 8));
    expect(target.output()).not.toContain("not for the log");
  });

  it.each([
    [{ feature: "everything", share: false }, 422, "feature-unknown"],
    [{ share: "101%" }, 422, "share-invalid"],
    [{ share: "-1" }, 422, "share-invalid"],
    [{ share: false, reason: "" }, 422, "reason-invalid"],
    [{ share: false, cluster: "nowhere" }, 404, "cluster-unknown"],
    [{ feature: "storm-buffering", share: "1%" }, 409, "share-above-setting"],
  ])("refuses %j", async (change, status, code) => {
    expect(await set(change)).toMatchObject({ status, json: { code } });
  });
}
