import { expect, it } from "vitest";
import { alertIn, webhook } from "../../runtime/payloads.ts";
import { openGateway, TOKENS } from "./bench.ts";

const lineOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "webhook");

it("a webhook has one line of the log: its id as in its answer, its trace, whose it was, what became of its alerts, and how long it took", async () => {
  const { post, lines, writer } = openGateway();
  const answer = await post(webhook([alertIn("shop"), alertIn("shop")]), TOKENS.patient);
  const { requestId } = (await answer.json()) as { requestId: string };
  expect(lineOf(lines)).toEqual([
    { event: "webhook", requestId, trace: requestId, source: "patient", status: 201, ms: expect.any(Number), created: 2 },
  ]);
  expect(writer.list().map(({ draft }) => draft.traceparent)).toEqual([
    `00-${requestId}-${requestId.slice(0, 16)}-00`,
    `00-${requestId}-${requestId.slice(0, 16)}-00`,
  ]);
});

it.each([
  ["nobody", "wrong-token", "{}", { source: null, status: 401 }],
  ["a source whose body is no JSON", TOKENS.patient, "{", { source: "patient", status: 400 }],
])("so has one that is refused, of %s", async (_, token, body, told) => {
  const { post, lines } = openGateway();
  await post(body, token);
  expect(lineOf(lines)).toMatchObject([told]);
});
