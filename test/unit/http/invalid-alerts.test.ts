import { describe, expect, it } from "vitest";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { openGateway, TOKENS } from "./bench.ts";

const LETTERS = "/api/v1/admin/dead-letters";

/** A gateway, and what administrators see of its letters. */
function open() {
  const gateway = openGateway({ rules: { intentsMax: 10_000 } });
  const admin = async (path: string, method = "GET") => (await gateway.ask(path, { method, token: TOKENS.admin })).json();
  return {
    ...gateway,
    list: (query = "") =>
      admin(`${LETTERS}?limit=1${query}`) as Promise<{ total: number; deadLetters: { count: number; payload: string }[] }>,
    discard: (query: string) => admin(`${LETTERS}/discard?${query}`, "POST"),
    metrics: async () => (await gateway.ask("/metrics", { token: TOKENS.read })).text(),
  };
}
const nameless = (at: number) => ({ ...alertIn("shop", { pod: `p-${at}`, alertname: "" }) });
const odd = (at: number) => ({ ...alertIn("shop", { alertname: `Odd${at}` }), status: "odd" });
const some = (count: number, make: (at: number) => unknown, from = 0) => Array.from({ length: count }, (_, at) => make(from + at));

describe("alerts of a source that cannot be judged", { timeout: 60_000 }, () => {
  it("are one letter where their cause is one, however many, and its good alerts are answered", async () => {
    const { post, list } = open();
    const answers = [];
    for (const from of [0, 500, 1_000]) answers.push(await post(webhook([...some(500, nameless, from), alertIn("shop")])));
    answers.push(await post(webhook([alertIn("shop")])));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const { total, deadLetters } = await list();
    expect([total, deadLetters[0]?.count]).toEqual([1, 1_500]);
    expect(JSON.parse(deadLetters[0]?.payload ?? "")).toMatchObject({ labels: { pod: "p-1499" } });
  });

  it("of more causes than are kept make nobody hear 503: the oldest letters go and are counted, and the rest is discarded in a few calls", async () => {
    const { post, list, discard, metrics } = open();
    const answers = [];
    for (const from of [0, 500, 1_000]) answers.push(await post(webhook([...some(500, odd, from), alertIn("shop")])));
    answers.push(
      await post(webhook(some(1, odd, 1_500))),
      await post(webhook([alertIn("shop")])),
      await post(webhook([nameless(0)]), TOKENS.hasty),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 202, 201, 202]);
    expect((await list("&kind=invalid")).total).toBe(1_001);
    expect(await metrics()).toContain('gateway_dead_letters_dropped_total{cluster="default",source="patient"} 501\n');
    expect(await discard("source=patient&kind=refused")).toEqual({ cluster: "default", discarded: 0, more: false });
    expect(await discard("source=patient&kind=invalid")).toEqual({ cluster: "default", discarded: 1_000, more: false });
    expect((await list()).total).toBe(1);
  });
});
