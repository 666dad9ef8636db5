import { expect, it } from "vitest";
import { type Client, PROMETHEUS } from "../client.ts";
import { alertIn, fresh, MARKER, webhook } from "../payloads.ts";

/** Strange alerts: those that get through arrive as they were, the others are kept as dead letters. */
export function alertCases(client: () => Client): void {
  const post = (payload: unknown) => client().post(PROMETHEUS, payload);
  const mine = (labels?: Record<string, string>, over?: object) => alertIn(client().target.namespace, labels, over);
  /** The spec of the request that a payload's only alert was given. */
  const specOf = async (payload: unknown) => {
    const answer = await post(payload);
    expect(answer).toMatchObject({ status: 201, results: [{ outcome: "created" }] });
    const { namespace, name } = answer.results[0]?.remediationRequest ?? { namespace: "", name: "" };
    const found = (await client().target.requests(namespace)).find(({ metadata }) => metadata.name === name);
    expect(found).toBeDefined();
    return found?.spec as NonNullable<typeof found>["spec"];
  };

  it.each<[string, object, string]>([
    ["no labels", { labels: undefined }, "labels-invalid"],
    ["labels that are an array", { labels: ["alertname"] }, "labels-invalid"],
    ["labels that are pairs", { labels: [{ name: "alertname", value: MARKER }] }, "labels-invalid"],
    ["no alertname", { labels: { pod: "p" } }, "alertname-missing"],
    ["an empty alertname", { labels: { alertname: "" } }, "alertname-missing"],
    ["an alertname of 254 characters", { labels: { alertname: "é".repeat(254) } }, "alertname-too-long"],
    ["a label of 1 MiB", { labels: { alertname: MARKER, note: "x".repeat(1024 * 1024) } }, "labels-too-large"],
    ["10,000 labels", { labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`label_${n}`, MARKER])) }, "labels-too-large"],
    ["another status", { status: "suppressed" }, "status-invalid"],
  ])("quarantines an alert with %s, and still judges its neighbour", async (_name, over, reason) => {
    const bad = { ...mine(), nonce: fresh(), ...over };
    const answer = await post(webhook([bad, mine()]));
    expect(answer.status).toBe(201);
    expect(answer.results).toMatchObject([{ outcome: "quarantined", reason, remediationRequest: null }, { outcome: "created" }]);
    const { deadLetters } = (await client().administer("/api/v1/admin/dead-letters?limit=1")).json as {
      deadLetters: { payload: string }[];
    };
    // Others of its cause may have come before.
    expect(deadLetters).toMatchObject([{ id: answer.results[0]?.fingerprint, reason, count: answer.results[0]?.occurrenceCount }]);
    expect(deadLetters[0]?.payload).toBe(JSON.stringify(bad).slice(0, deadLetters[0]?.payload.length));
    expect(Buffer.byteLength(deadLetters[0]?.payload ?? "")).toBeLessThanOrEqual(16 * 1024);
  });

  it("keeps the same bad alert once, with a count", async () => {
    const bad = { ...mine(), status: fresh() };
    await post(webhook([bad]));
    expect(await post(webhook([bad]))).toMatchObject({ status: 202, results: [{ outcome: "quarantined", occurrenceCount: 2 }] });
    expect((await client().administer("/api/v1/admin/dead-letters?limit=1")).json).toMatchObject({ deadLetters: [{ count: 2 }] });
  });

  it("keeps bad alerts of one cause as one letter, with their number", async () => {
    const status = fresh();
    const { results } = await post(webhook([1, 2, 3].map(() => ({ ...mine({ alertname: "Odd" }), status }))));
    expect(new Set(results.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect((await client().administer("/api/v1/admin/dead-letters?limit=1")).json).toMatchObject({ deadLetters: [{ count: 3 }] });
  });

  it("brings labels called __proto__, constructor and toString to the request", async () => {
    const odd = '"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"';
    const text = JSON.stringify(webhook([mine()])).replace('"alertname"', `${odd},"alertname"`);
    const { signalLabels } = await specOf(text);
    expect(Object.entries(signalLabels)).toEqual(
      expect.arrayContaining([
        ["__proto__", "a"],
        ["constructor", "b"],
        ["toString", "c"],
        ["hasOwnProperty", "d"],
        ["alertname", MARKER],
      ]),
    );
  });

  it("brings annotations called __proto__ to the request", async () => {
    const text = JSON.stringify(webhook([mine()])).replace('"summary"', '"__proto__":"a","summary"');
    expect(Object.entries((await specOf(text)).signalAnnotations)).toContainEqual(["__proto__", "a"]);
  });

  it("brings every character to the request, but for NUL and lone surrogates, which become U+FFFD", async () => {
    const note = `a\u0000b\ud800c\udfffd \u0001\u007f\u2028\u202e \u{1f600} "\\/<script> \${x} %00 \ufffe é e\u0301`;
    const { signalLabels } = await specOf(webhook([mine({ note, "na\u0000me\ud800": "x" })]));
    expect(signalLabels.note).toBe(note.toWellFormed().replaceAll("\0", "\ufffd"));
    expect(signalLabels["na\ufffdme\ufffd"]).toBe("x");
  });

  it("makes two requests of names that differ in what becomes U+FFFD nowhere else", async () => {
    const alertname = fresh();
    expect((await specOf(webhook([mine({ alertname: `${alertname}\u0001` })]))).signalName).toBe(`${alertname}\u0001`);
    expect((await specOf(webhook([mine({ alertname: `${alertname}\u0002` })]))).signalName).toBe(`${alertname}\u0002`);
  });

  it("cuts annotations of 1 MiB and keeps the alert", async () => {
    const { signalAnnotations } = await specOf(webhook([mine({}, { annotations: { summary: "é".repeat(512 * 1024), late: "x" } })]));
    const bytes = Buffer.byteLength(Object.entries(signalAnnotations).flat().join(""));
    expect([bytes > 60 * 1024, bytes <= 64 * 1024]).toEqual([true, true]);
  });

  it.each([
    ["far in the past", "1500-01-01T00:00:00Z", "1500-01-01T00:00:00.000Z"],
    ["with nanoseconds and a zone", "2026-01-15T11:30:00.123456789+02:00", "2026-01-15T09:30:00.123Z"],
    ["as Go prints it", "2026-01-15 09:30:00.5 +0000 UTC m=+0.1", "2026-01-15T09:30:00.500Z"],
    ["without a zone", "2026-01-15T09:30:00", "2026-01-15T09:30:00.000Z"],
    ["with a space, a comma and a short zone", "2026-01-15 10:30:00,25+01", "2026-01-15T09:30:00.250Z"],
    ["as a header of HTTP tells it", "Thu, 15 Jan 2026 09:30:00 GMT", "2026-01-15T09:30:00.000Z"],
    ["as JavaScript prints it", "Thu Jan 15 2026 10:30:00 GMT+0100 (Central European Standard Time)", "2026-01-15T09:30:00.000Z"],
    ["in seconds", 1_768_469_400, "2026-01-15T09:30:00.000Z"],
    ["in milliseconds as text", "1768469400250", "2026-01-15T09:30:00.250Z"],
    ["in nanoseconds", 1_768_469_400_250_000_000, "2026-01-15T09:30:00.250Z"],
  ])("takes a start %s", async (_name, startsAt, firingTime) => {
    expect((await specOf(webhook([mine({}, { startsAt })]))).firingTime).toBe(firingTime);
  });

  it.each<[unknown]>(
    [
      ...[undefined, "", null, "0001-01-01T00:00:00Z", 0, MARKER, "2026-02-30T09:30:00Z", "10000-01-01T00:00:00Z"],
      ...["9999-12-31T23:59:59.999Z", "2026-01-15", "01/02/2026 09:30:00", "2026-01-15 09:30:00 CST", -1, 1e300, true, {}, []],
    ].map((startsAt) => [startsAt]),
  )("takes the time of arrival where the start is %j", async (startsAt) => {
    const { firingTime } = await specOf(webhook([mine({}, { startsAt })]));
    expect(Math.abs(Date.parse(firingTime) - Date.now())).toBeLessThan(60_000);
  });

  it("brings labels and annotations of other types to the request as text", async () => {
    const told = { port: 8080, share: 0.25, on: true, list: [1, { b: null, a: "x" }], none: null };
    const text = { port: "8080", share: "0.25", on: "true", list: '[1,{"a":"x","b":null}]' };
    const { labels, ...rest } = mine();
    const { signalLabels, signalAnnotations } = await specOf(webhook([{ ...rest, labels: { ...labels, ...told }, annotations: told }]));
    expect([signalLabels, signalAnnotations]).toEqual([{ ...labels, ...text }, text]);
  });

  it.each<[string, object, object]>([
    ["annotations that are text", { annotations: MARKER }, {}],
    ["no status", { status: undefined }, {}],
    ["a status in capitals", { status: "FIRING" }, {}],
    ["a status that is a number", { status: 1 }, {}],
    ["links that are none", { generatorURL: 7 }, { externalURL: { a: 1 } }],
    ["numbers for the texts of its webhook", {}, { version: 4, groupKey: 7, receiver: 8 }],
    ["texts for the numbers of its webhook", {}, { truncatedAlerts: "3" }],
    ["a webhook of a version to come", {}, { version: "5" }],
  ])("takes an alert with %s", async (_name, over, top) => {
    await specOf(webhook([{ ...mine(), ...over }], top));
  });

  it("takes the name of an alert from rule or rulename where it has no alertname", async () => {
    for (const label of ["rule", "rulename"])
      expect((await specOf(webhook([mine({ alertname: "", [label]: `${MARKER} by ${label}` })]))).signalName).toBe(`${MARKER} by ${label}`);
  });

  it("takes an alertname of 253 characters and 200 labels", async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`label_${n}`, `${n}`]));
    const { signalName, signalLabels } = await specOf(webhook([mine({ ...many, alertname: "😀".repeat(253) })]));
    expect([signalName, signalLabels.label_199]).toEqual(["😀".repeat(253), "199"]);
  });

  it("cannot be talked into another namespace, name or cluster by labels", async () => {
    const alert = mine({ pod: "../../etc", "breakwater.dev/fingerprint": "x", cluster: "other", name: "rr-mine" });
    const answer = await post(webhook([alert]));
    expect(answer.results).toMatchObject([{ outcome: "created", remediationRequest: { namespace: client().target.namespace } }]);
    expect(answer.results[0]?.remediationRequest?.name).toMatch(/^rr-[0-9a-f]{32}-1$/);
  });
}
