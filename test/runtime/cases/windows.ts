import { expect, it } from "vitest";
import { type Client, SWEEP, WINDOWS } from "../client.ts";
import { MARKER, sha256 } from "../payloads.ts";

const ID = `${"a".repeat(64)}.${"b".repeat(32)}`;

/** How administrators look after windows, where there are none. */
export function windowCases(client: () => Client): void {
  it("lists none", async () => {
    expect((await client().administer(WINDOWS)).json).toMatchObject({ total: 0, windows: [] });
  });

  it.each(["limit=0", "limit=501", "limit=", "offset=-1", "offset=1.5", "offset=%00"])("refuses a list of ?%s with 400", async (query) => {
    expect(await client().administer(`${WINDOWS}?${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
  });

  it.each([ID, ID.slice(1), `${ID}0`, ID.toUpperCase(), ID.replace(".", ":"), `${ID}%0a`, "%00", "%ff", "__proto__", MARKER])(
    "answers 404 for the window %s",
    async (id) => {
      expect(await client().administer(`${WINDOWS}/${id}`)).toMatchObject({ status: 404, json: { code: "window-unknown" } });
      expect(await client().change(`${WINDOWS}/${id}/flush`)).toMatchObject({ status: 404, json: { code: "window-unknown" } });
    },
  );

  it.each(["nowhere", "__proto__", ""])("answers 404 for the cluster %j", async (cluster) => {
    for (const path of [WINDOWS, `${WINDOWS}/${ID}`])
      expect(await client().administer(`${path}?cluster=${cluster}`)).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
    for (const path of [SWEEP, `${WINDOWS}/${ID}/flush`])
      expect(await client().change(`${path}?cluster=${cluster}`)).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
  });

  it("sweeps when it is told to, and says in the log by which token, without the token", async () => {
    const { target } = client();
    const { cluster } = (await client().administer(WINDOWS)).json as { cluster: string };
    expect(await client().change(SWEEP)).toMatchObject({ status: 200, json: { cluster, swept: true } });
    const audit = () => target.output().match(/^.*"event":"audit".*"action":"sweep".*$/m)?.[0] ?? "";
    await expect.poll(audit).toContain(sha256(target.adminToken).slice(0, 8));
    expect(audit()).not.toContain(target.adminToken);
  });

  it.each([SWEEP, `${WINDOWS}/${ID}/flush`])("refuses %s with a content type that a page in a browser can send", async (path) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const headers = { "content-type": type, origin: "https://evil.example.com" };
      const answer = await client().send(path, { method: "POST", token: client().target.adminToken, headers, body: "{}" });
      expect([answer.status, answer.json]).toMatchObject([415, { code: "content-type-unsupported" }]);
    }
  });
}
