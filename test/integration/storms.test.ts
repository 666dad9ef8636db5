import { afterAll, beforeAll, describe, it } from "vitest";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshNamespace, kubectl } from "../support/real-parts.ts";
import { type RequestObject, requestsIn, setPhase } from "../support/requests.ts";
import { type AlertLabels, alertOf, fire, post, webhookOf } from "../support/sender.ts";
import { crowd, isStorm, outcomes, postAll, provided, sha256, tellingOf, told } from "../support/storms.ts";

/** Alerts wait for two seconds; those of a patient name for as long as a test takes. */
let installation: Installation;
let fleet: Fleet;
beforeAll(async () => {
  installation = await startInstallation({
    gateway: {
      ENABLE_STORM_BUFFERING: "true",
      STORM_FIRST_REQUEST_SECONDS: "2",
      STORM_RULE_PATIENT: JSON.stringify({ match: { alertname: "Patient*" }, firstRequestSeconds: 60 }),
    },
  });
  fleet = await startFleet(installation);
}, 60_000);
afterAll(async () => {
  await fleet?.stop();
  await installation?.stop();
});

const THRESHOLD = 5;
const within = { timeout: 20_000, interval: 200 };

const countOf = ({ status }: RequestObject) => status?.deduplication?.occurrenceCount ?? 1;

/** The names of a namespace's requests, whether they waited in vain, and what they count. */
const individuals = async (namespace: string) =>
  (await requestsIn(namespace))
    .map((request) => [isStorm(request), request.metadata.labels["breakwater.dev/buffered"], countOf(request)])
    .sort();
const lone = (count = 1) => [false, "true", count];

/** The only request of a namespace. */
async function onlyRequest(namespace: string): Promise<RequestObject> {
  const [request, ...others] = await requestsIn(namespace);
  if (!request || others.length > 0) throw new Error(`${others.length + (request ? 1 : 0)} requests in ${namespace}`);
  return request;
}

describe.concurrent("alerts of one name and namespace", () => {
  it("wait below the threshold without a request, and each gets its own once the time is up", async ({ expect }) => {
    const namespace = await freshNamespace();
    const [first, ...others] = crowd(THRESHOLD - 1, { namespace });
    expect(await fire(installation, first as { namespace: string })).toMatchObject({
      status: 202,
      result: { outcome: "buffered", remediationRequest: null, occurrenceCount: 1, reason: "window-opened", rung: "cache" },
    });
    expect(await requestsIn(namespace)).toEqual([]);
    expect(await postAll(installation, [first as { namespace: string }, ...others])).toMatchObject({
      status: 202,
      results: [
        { outcome: "buffered", occurrenceCount: 2, reason: "waits-in-window" },
        ...others.map(() => ({ outcome: "buffered", remediationRequest: null, occurrenceCount: 1, reason: "window-joined" })),
      ],
    });
    await expect.poll(() => individuals(namespace), within).toEqual([lone(), lone(), lone(), lone(2)]);
    expect((await fire(installation, first as { namespace: string })).result).toMatchObject({ outcome: "duplicate", occurrenceCount: 3 });
  });

  it("become one request at the threshold, which keeps what each of them told", async ({ expect }) => {
    const namespace = await freshNamespace();
    const alertname = "PatientStorm";
    const alerts = crowd(THRESHOLD, { namespace, alertname, team: "shop" }).map((labels, at) => ({
      ...labels,
      severity: at === 2 ? "critical" : "warning",
    }));
    const sent = alerts.map((labels, at) => ({
      ...alertOf(labels),
      annotations: { summary: `The summary of ${labels.pod}.` },
      startsAt: `2026-01-15T09:3${9 - at}:00Z`,
    }));
    const answers = [];
    for (const alert of sent) answers.push(await post(installation, webhookOf(alert)));
    expect(answers.map(({ status, result }) => [status, result?.outcome])).toEqual([
      ...Array(THRESHOLD - 1).fill([202, "buffered"]),
      [201, "aggregated"],
    ]);
    const request = await onlyRequest(namespace);
    const { metadata, spec } = request;
    expect(answers.at(-1)?.result).toMatchObject({ reason: "threshold-reached", remediationRequest: { namespace, name: metadata.name } });
    expect(metadata.name).toMatch(/^rr-storm-[0-9a-f]{32}$/);
    expect(spec).toMatchObject({
      signalFingerprint: sha256(`storm:${installation.cluster}:${namespace}:${alertname}`),
      signalName: alertname,
      severity: "critical",
      priority: "P1",
      firingTime: "2026-01-15T09:35:00.000Z",
      signalLabels: { alertname, namespace, team: "shop" },
      isStorm: true,
      stormType: "pattern",
      stormWindow: "60s",
      stormAlertCount: THRESHOLD,
      affectedResources: alerts.map(({ pod }) => `${namespace}:Pod:${pod}`),
    });
    expect(metadata.labels).toMatchObject({ "breakwater.dev/group": expect.any(String), "breakwater.dev/origin-namespace": namespace });
    expect(metadata.labels).not.toHaveProperty(["breakwater.dev/buffered"]);
    const { storm, ...origin } = provided(request);
    expect(origin).toEqual({ namespace, cluster: installation.cluster });
    expect(storm.members).toEqual(
      sent.map(({ labels, annotations, startsAt }) => ({
        id: sha256(`${alertname}:${namespace}:Pod:${labels.pod}`).slice(0, 16),
        target: `${namespace}:Pod:${labels.pod}`,
        severity: labels.severity,
        startsAt: startsAt.replace("Z", ".000Z"),
        labels,
        annotations,
      })),
    );
    expect([storm.ids, storm.truncated]).toEqual([storm.members.map(({ id }) => id).join(""), false]);
    await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf(alerts, THRESHOLD));
  });

  it("that come as fifteen in one webhook become one request, with all of them in it", async ({ expect }) => {
    const namespace = await freshNamespace();
    const alerts = crowd(15, { namespace });
    const { status, results } = await postAll(installation, alerts);
    expect(status).toBe(201);
    expect(outcomes(results)).toEqual([...Array(4).fill("buffered"), "aggregated", ...Array(10).fill("appended")]);
    expect((await onlyRequest(namespace)).spec).toMatchObject({ isStorm: true, stormAlertCount: 15 });
    await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf(alerts, 15));
  });

  it("join the storm as long as it lives, and its status lists and counts them beside those that it was made of", async ({ expect }) => {
    const namespace = await freshNamespace();
    const early = crowd(THRESHOLD, { namespace });
    await postAll(installation, early);
    const late = crowd(7, { namespace }, THRESHOLD);
    const { status, results } = await postAll(installation, [...late, ...early.slice(0, 2)]);
    const { metadata } = await onlyRequest(namespace);
    expect(status).toBe(202);
    for (const { remediationRequest } of results) expect(remediationRequest).toEqual({ namespace, name: metadata.name });
    expect(outcomes(results)).toEqual([...Array(7).fill("appended"), "duplicate", "duplicate"]);
    await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf([...early, ...late], 14));
    expect((await onlyRequest(namespace)).spec).toMatchObject({ stormAlertCount: THRESHOLD });
  });

  it("that join late are told of with labels, annotations and start, until the object is full, and it says so", async ({ expect }) => {
    const namespace = await freshNamespace();
    const alertname = "Late";
    await postAll(installation, crowd(THRESHOLD, { namespace, alertname }));
    const send = async (labels: AlertLabels, summary: string) => {
      const alert = { ...alertOf(labels), annotations: { summary }, startsAt: "2026-01-15T09:35:00Z" };
      await post(installation, webhookOf(alert));
      const id = sha256(`${alertname}:${namespace}:Pod:${labels.pod}`).slice(0, 16);
      return { id, severity: "critical", startsAt: "2026-01-15T09:35:00.000Z", labels: alert.labels, annotations: { summary } };
    };
    const listed = async () => (await onlyRequest(namespace)).status?.storm;
    const details = [];
    for (const labels of crowd(3, { namespace, alertname }, THRESHOLD)) details.push(await send(labels, `The summary of ${labels.pod}.`));
    await expect.poll(listed, within).toMatchObject({ alertCount: THRESHOLD + 3, details, truncated: false });
    for (const labels of crowd(6, { namespace, alertname }, THRESHOLD + 3)) await send(labels, "x".repeat(64 * 1024 - 500));
    await expect.poll(listed, within).toMatchObject({ alertCount: THRESHOLD + 9, truncated: true });
    const request = await onlyRequest(namespace);
    expect(request.status?.storm?.details?.slice(0, 3)).toEqual(details);
    expect(JSON.stringify(request).length).toBeLessThan(512 * 1024);
  });

  it("show how urgent the most urgent of them is, also one that joins late or comes again, and kubectl prints it", async ({ expect }) => {
    const namespace = await freshNamespace();
    const labels = { namespace, alertname: "Rising", severity: "info" };
    await postAll(installation, crowd(THRESHOLD, labels));
    const printed = async () => {
      const { metadata } = await onlyRequest(namespace);
      const lines = kubectl(["get", "remediationrequests", metadata.name, `--namespace=${namespace}`])
        .trim()
        .split("\n");
      const at = (column: string) => lines[0]?.indexOf(column) ?? -1;
      return ["SEVERITY", "HIGHEST", "PRIORITY"].map((column) => lines[1]?.slice(at(column)).split(/\s/)[0]);
    };
    await expect.poll(printed, within).toEqual(["info", "info", "P3"]);
    await postAll(installation, crowd(1, { ...labels, severity: "Disaster" }, THRESHOLD));
    await expect.poll(printed, within).toEqual(["info", "critical", "P1"]);
    await postAll(installation, crowd(1, { ...labels, priority: "P0" }));
    await expect.poll(printed, within).toEqual(["info", "critical", "P0"]);
    expect((await onlyRequest(namespace)).spec).toMatchObject({ severity: "info", priority: "P3" });
  });

  it("of another name or namespace are no part of a storm", async ({ expect }) => {
    const [namespace, elsewhere] = [await freshNamespace(), await freshNamespace()];
    await postAll(installation, crowd(THRESHOLD, { namespace }));
    const { results } = await postAll(installation, [
      { namespace, alertname: "PatientOther", pod: "checkout-90" },
      { namespace: elsewhere, pod: "checkout-91" },
    ]);
    expect(outcomes(results)).toEqual(["buffered", "buffered"]);
    expect(await requestsIn(namespace)).toHaveLength(1);
  });

  it.for([2, THRESHOLD + 1])(
    "that %i of a storm's fired after it had ended, or joined when nobody knew of that, are made requests for again",
    async (size, { expect }) => {
      const namespace = await freshNamespace();
      const early = crowd(THRESHOLD + 1, { namespace, alertname: "PatientEnd" });
      await postAll(installation, early);
      // Once all is written, nobody looks at the request until something is counted on it.
      await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf(early, THRESHOLD + 1));
      const former = await onlyRequest(namespace);
      await setPhase(former, "Completed");
      const again = [...early.slice(0, size - 1), ...crowd(1, { namespace, alertname: "PatientEnd" }, 90)];
      expect(outcomes((await postAll(installation, again)).results)).toEqual([...Array(size - 1).fill("duplicate"), "appended"]);
      const followUps = async () =>
        (await requestsIn(namespace)).filter(
          ({ metadata }) => metadata.uid !== former.metadata.uid && metadata.deletionTimestamp === undefined,
        );
      await expect.poll(async () => (await followUps()).length, within).toBe(size < THRESHOLD ? size : 1);
      const [storm] = await followUps();
      if (size < THRESHOLD) expect((await followUps()).map(isStorm)).toEqual([false, false]);
      else expect(storm?.spec).toMatchObject({ isStorm: true, stormAlertCount: size });
    },
  );
});

describe.concurrent("alerts that differ only in who tells of them, or in which container, are one member, and one's end is not the other's:", () => {
  it.for([
    ["two containers of a pod, with different severities", "container", "severity"],
    ["two replicas of a Prometheus", "prometheus_replica", "prometheus"],
  ] as const)("%s", async ([, ...differ], { expect }) => {
    const namespace = await freshNamespace();
    const [a, b] = ["info", "warning"].map((word) => ({ namespace, ...Object.fromEntries(differ.map((label) => [label, word])) })) as [
      AlertLabels,
      AlertLabels,
    ];
    expect((await fire(installation, a)).result).toMatchObject({ outcome: "buffered", occurrenceCount: 1 });
    expect((await fire(installation, b)).result).toMatchObject({ outcome: "buffered", occurrenceCount: 2 });
    const end = (labels: AlertLabels) => post(installation, webhookOf(alertOf(labels, "resolved")));
    expect((await end(a)).result).toMatchObject({ outcome: "ignored", reason: "other-instances-firing" });
    await expect.poll(() => individuals(namespace), within).toEqual([lone(2)]);
    expect((await onlyRequest(namespace)).status?.deduplication?.resolvedAt).toBeUndefined();
    expect((await end(b)).result).toMatchObject({ outcome: "resolved" });
    await expect.poll(async () => (await onlyRequest(namespace)).status?.deduplication?.resolvedAt, within).toMatch(/Z$/);
  });

  it("in a storm, which is resolved with the last of them", async ({ expect }) => {
    const namespace = await freshNamespace();
    const containers = (container: string, severity: string) => crowd(THRESHOLD, { namespace, container, severity });
    const [a, b] = [containers("app", "warning"), containers("proxy", "critical")];
    const { results } = await postAll(installation, [...a, ...b]);
    expect(results.filter(({ outcome }) => outcome === "aggregated")).toHaveLength(1);
    expect((await onlyRequest(namespace)).spec).toMatchObject({ severity: "critical", stormAlertCount: THRESHOLD });
    await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf(a, THRESHOLD));
    const resolvedAt = async () => (await onlyRequest(namespace)).status?.deduplication?.resolvedAt;
    expect(outcomes((await postAll(installation, a, "resolved")).results)).toEqual(Array(THRESHOLD).fill("ignored"));
    expect(outcomes((await postAll(installation, b.slice(1), "resolved")).results)).toEqual(Array(THRESHOLD - 1).fill("resolved"));
    expect(await resolvedAt()).toBeUndefined();
    expect(outcomes((await postAll(installation, b.slice(0, 1), "resolved")).results)).toEqual(["resolved"]);
    await expect.poll(resolvedAt, within).toMatch(/Z$/);
  });

  it("resolved before its request was made, it needs none", async ({ expect }) => {
    const namespace = await freshNamespace();
    const [gone, stays] = [{ namespace }, { namespace, alertname: "Stays" }];
    await fire(installation, gone);
    expect((await post(installation, webhookOf(alertOf(gone, "resolved")))).result).toMatchObject({ outcome: "cancelled" });
    await fire(installation, stays);
    await expect.poll(() => individuals(namespace), within).toEqual([lone()]);
    expect((await onlyRequest(namespace)).spec.signalName).toBe("Stays");
  });
});

describe("gateways on three runtimes", () => {
  it("make one request of 100 alerts of a storm at once, each sent three times, and count each of them", async ({ expect }) => {
    const namespace = await freshNamespace();
    const alerts = crowd(100, { namespace, alertname: "PatientCrowd" });
    const answers = await fleet.fireAll([...alerts, ...alerts, ...alerts]);
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    expect(outcomes(answers).filter((outcome) => outcome === "aggregated" || outcome === "accepted")).toHaveLength(1);
    await expect.poll(async () => told(await onlyRequest(namespace)), within).toEqual(tellingOf(alerts, 300));
  });
});
