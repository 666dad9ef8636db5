import { setTimeout as sleep } from "node:timers/promises";
import type { Rule } from "../../src/domain/rule.ts";
import { draftFor } from "../unit/kubernetes/builders.ts";
import { createConfiguration, removeConfiguration } from "./admission.ts";
import { type Installation, READ_TOKEN, relaySettings } from "./installation.ts";
import type { AnyPart } from "./part.ts";
import { freshName, realParts } from "./real-parts.ts";
import { createRequest, deleteRequest, endRequest, type RequestObject, requestNamed } from "./requests.ts";
import { type AlertLabels, type AlertResult, fire } from "./sender.ts";
import { crowd, postAll, sha256 } from "./storms.ts";

/** Where one rule is driven: an installation of its own, with two namespaces. What is wrong, is wrong in `bad` alone. */
export interface Scene {
  readonly installation: Installation<AnyPart>;
  readonly good: string;
  readonly bad: string;
  /** Called when all is over. */
  readonly cleanUp: (() => Promise<unknown>)[];
}

/** How a rule is driven, by real faults and real alerts. */
export interface Drive {
  readonly gateway?: Readonly<Record<string, string>>;
  /** Two, where the second follows what the first, which gateways call, does not. */
  readonly proxies: (good: string, bad: string) => readonly Readonly<Record<string, string>>[];
  /** What has to be there before the first unit. */
  prepare?(scene: Scene): Promise<void>;
  /** Brings about one unit, or some, of about one vote. */
  unit(scene: Scene, at: number, isBad: boolean): Promise<unknown>;
  /** One bad unit in so many stays just below the limit. */
  readonly badEvery: number;
}

/** How long alerts wait for others, where nothing else is said. */
const WAIT_MS = 2_000;

const THRESHOLD = 5;

const bridge = () => ({ url: realParts().bridgeUrl, token: realParts().bridgeToken });
const following = (good: string, bad: string) => [relaySettings(bridge(), [good, bad])];
/** The one that gateways call follows nothing, the other one only the good namespace. */
const followingGood = (good: string) => [{}, relaySettings(bridge(), [good])];

const ALERTNAME = "KubePodCrashLooping";
const fingerprintOf = (namespace: string, pod: string, alertname = ALERTNAME) => sha256(`${alertname}:${namespace}:Pod:${pod}`);

/** The request that one of the results names; where it is made later, as soon as an alert of it is told so. */
async function requestOf(scene: Scene, alert: AlertLabels, results: readonly (AlertResult | undefined)[]): Promise<RequestObject> {
  const name = results.find((result) => result?.remediationRequest)?.remediationRequest?.name;
  if (name) return requestNamed(alert.namespace, name);
  await sleep(1_000);
  return requestOf(scene, alert, [(await fire(scene.installation, alert)).result]);
}

/** Fires an alert that makes a request of its own. */
async function create(scene: Scene, namespace: string, pod: string): Promise<RequestObject> {
  const alert = { namespace, pod };
  return requestOf(scene, alert, [(await fire(scene.installation, alert)).result]);
}

const placeOf = ({ good, bad }: Scene, isBad: boolean) => (isBad ? bad : good);

interface Group {
  readonly alertname: string;
  readonly namespace: string;
  readonly size: number;
}

/** Storms that come at one moment; the fifth alert of a group makes it one. Alerts beyond these come a moment later. */
async function storms(scene: Scene, groups: readonly Group[]): Promise<readonly RequestObject[]> {
  const crowds = groups.map(({ size, ...labels }) => crowd(size, labels));
  const { results } = await postAll(
    scene.installation,
    crowds.flatMap((alerts) => alerts.slice(0, THRESHOLD)),
  );
  const requests = await Promise.all(
    crowds.map((alerts, at) => requestOf(scene, alerts[0] as AlertLabels, results.slice(at * THRESHOLD, (at + 1) * THRESHOLD))),
  );
  const late = crowds.flatMap((alerts) => alerts.slice(THRESHOLD));
  if (late.length > 0) await postAll(scene.installation, late);
  return requests;
}

const storm = async (scene: Scene, alertname: string, namespace: string, size: number): Promise<RequestObject> =>
  (await storms(scene, [{ alertname, namespace, size }]))[0] as RequestObject;

/** Whether an alert's window has ended below its threshold. */
async function hasExpired({ installation }: Scene, fingerprint: string): Promise<boolean> {
  const url = new URL(`/api/v1/receipts?fingerprint=${fingerprint}`, installation.gateway.url);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${READ_TOKEN}` } });
  return /window-expired/.test(await answer.text());
}

/** Four of a group, which wait in vain. */
async function expire(scene: Scene, alertnames: readonly string[], namespace: string): Promise<void> {
  const alerts = alertnames.flatMap((alertname) => crowd(THRESHOLD - 1, { alertname, namespace }, 100));
  await postAll(scene.installation, alerts);
  for (const alertname of alertnames) {
    while (!(await hasExpired(scene, fingerprintOf(namespace, "checkout-100", alertname)))) await sleep(200);
  }
}

/** Denies updates of the status of all requests in a namespace, as a policy of the cluster may. */
async function denyStatus(namespace: string): Promise<() => Promise<unknown>> {
  const name = freshName("policy");
  const rule = {
    apiGroups: ["remediation.kubernaut.io"],
    apiVersions: ["*"],
    resources: ["remediationrequests/status"],
    operations: ["UPDATE"],
  };
  const validations = [{ expression: "false", message: "not during the freeze", reason: "Forbidden" }];
  const spec = { failurePolicy: "Fail", matchConstraints: { resourceRules: [rule] }, validations };
  const selector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  const binding = { policyName: name, validationActions: ["Deny"], matchResources: { namespaceSelector: selector } };
  await createConfiguration("validatingadmissionpolicies", { metadata: { name }, spec });
  await createConfiguration("validatingadmissionpolicybindings", { metadata: { name }, spec: binding });
  return async () => {
    await removeConfiguration("validatingadmissionpolicybindings", name);
    await removeConfiguration("validatingadmissionpolicies", name);
  };
}

/** Settings with which alerts wait for others. */
export const STORMS = { ENABLE_STORM_BUFFERING: "true", STORM_FIRST_REQUEST_SECONDS: `${WAIT_MS / 1_000}` };

interface Made extends Group {
  readonly request: RequestObject;
}

/** Storms that were made at the start, for what happens to them later, one a unit. */
const made = new WeakMap<Scene, { readonly good: Made[]; readonly bad: Made[] }>();

/** More than are needed: minutes in which a busy machine keeps a part from answering give no vote. */
const MADE = { good: 60, bad: 34 };

const groupsOf = (namespace: string, name: string, size: number, groups: number): readonly Group[] =>
  Array.from({ length: groups }, (_, at) => ({ alertname: `${name}${at}`, namespace, size }));

async function make(scene: Scene, good: readonly Group[], bad: readonly Group[]): Promise<void> {
  const groups = [...good, ...bad];
  const requests = await storms(scene, groups);
  const all = groups.map((group, at) => ({ ...group, request: requests[at] as RequestObject }));
  made.set(scene, { good: all.slice(0, good.length), bad: all.slice(good.length) });
}

function take(scene: Scene, isBad: boolean): Made {
  const next = made.get(scene)?.[isBad ? "bad" : "good"].shift();
  if (!next) throw new Error("no storm is left");
  return next;
}

export const DRIVES: Readonly<Record<Rule, Drive>> = {
  /** Nobody follows the bad namespace, where a controller is done with a request before its alert is repeated. */
  accuracy: {
    proxies: followingGood,
    async unit(scene, at, isBad) {
      const namespace = placeOf(scene, isBad);
      const request = await create(scene, namespace, `pod-${at}`);
      const repeat = () => fire(scene.installation, { namespace, pod: `pod-${at}` });
      if (!isBad) await repeat();
      await endRequest(request);
      if (isBad) await repeat();
    },
    badEvery: 11,
  },
  /** Somebody else's object has the name that a request would get, until it is deleted. */
  collisions: {
    proxies: following,
    async unit(scene, at, isBad) {
      const namespace = placeOf(scene, isBad);
      const pod = `pod-${at}`;
      if (!isBad) return create(scene, namespace, pod);
      const name = `rr-${fingerprintOf(namespace, pod).slice(0, 32)}-1`;
      const foreign = await createRequest(namespace, name, draftFor(sha256(name), namespace).spec);
      await create(scene, namespace, pod);
      return deleteRequest(foreign);
    },
    badEvery: 22,
  },
  /** No proxy follows any request, and no state is believed: each repeat takes a look at Kubernetes. */
  "api-load": {
    gateway: { DEDUP_STATE_TTL_SECONDS: "0" },
    proxies: () => [{}],
    async prepare(scene) {
      await create(scene, scene.bad, "pod");
    },
    async unit(scene, at, isBad) {
      if (!isBad) await create(scene, scene.good, `pod-${at}`);
      for (let looks = 0; isBad && looks < 4; looks += 1) await fire(scene.installation, { namespace: scene.bad, pod: "pod" });
    },
    badEvery: 12,
  },
  /** The proxy that has followed the requests of both namespaces is started anew with only one of them in its settings. */
  "state-known": {
    gateway: { DEDUP_STATE_TTL_SECONDS: "0" },
    proxies: (good, bad) => [{}, relaySettings(bridge(), [good, bad])],
    async prepare({ installation, good, bad }) {
      const relay = installation.proxies[1] as AnyPart;
      const rungOf = async (namespace: string, pod = "pod-0") => (await fire(installation, { namespace, pod })).result?.rung;
      for (const namespace of [good, bad]) {
        for (let at = 0; at < 8; at += 1) {
          while ((await rungOf(namespace, `pod-${at}`)) !== "relay") await sleep(200);
        }
      }
      await relay.stop();
      await relay.start({ PROXY_NAMESPACES: good });
      // A session counts for a while after its watch has ended.
      await sleep(40_000);
      while ((await rungOf(bad)) === "relay") await sleep(1_000);
    },
    async unit(scene, at, isBad) {
      await fire(scene.installation, { namespace: placeOf(scene, isBad), pod: `pod-${at % 8}` });
    },
    badEvery: 8,
  },
  /** A policy denies all updates of the status. What was denied is tried again each 5 s, so five objects give a failure each second. */
  "failed-updates": {
    proxies: following,
    async prepare(scene) {
      scene.cleanUp.push(await denyStatus(scene.bad));
      await sleep(1_000);
      const pods = Array.from({ length: 32 }, (__, at) => ({ namespace: scene.good, pod: `pod-${at}` }));
      await postAll(scene.installation, pods);
    },
    async unit(scene, at, isBad) {
      const repeated = [0, 1, 2, 3].map((part) => ({ namespace: scene.good, pod: `pod-${(at * 4 + part) % 32}` }));
      const denied = { namespace: scene.bad, pod: `pod-${at}` };
      if (!isBad) return postAll(scene.installation, repeated);
      await fire(scene.installation, denied);
      return fire(scene.installation, denied);
    },
    badEvery: 40,
  },
  /** Members of storms have requests of their own already, as after a loss of Redis. */
  "cost-reduction": {
    gateway: STORMS,
    proxies: following,
    async unit(scene, at, isBad) {
      const namespace = placeOf(scene, isBad);
      const alertname = `Costly${at}`;
      for (let member = 0; isBad && member < THRESHOLD - 1; member += 1) {
        const fingerprint = fingerprintOf(namespace, `checkout-${member}`, alertname);
        await createRequest(namespace, `by-hand-${fingerprint.slice(0, 8)}`, draftFor(fingerprint, namespace).spec);
      }
      await endRequest(await storm(scene, alertname, namespace, isBad ? THRESHOLD : 10));
    },
    badEvery: 10,
  },
  /** A policy denies all updates of the status, so late members are in no object. They are looked for a minute after the last one. */
  aggregation: {
    gateway: STORMS,
    proxies: following,
    async prepare(scene) {
      scene.cleanUp.push(await denyStatus(scene.bad));
      await sleep(1_000);
      await make(scene, groupsOf(scene.good, "Unlisted", THRESHOLD, MADE.good), groupsOf(scene.bad, "Unlisted", 15, MADE.bad));
      await sleep(60_000);
    },
    async unit(scene, _, isBad) {
      const { namespace, alertname } = take(scene, isBad);
      await fire(scene.installation, { namespace, alertname, pod: "checkout-0" });
    },
    badEvery: 8,
  },
  /** Alerts come at such a pace that four pass singly before each storm. All storms begin together, and end one by one. */
  "buffer-hits": {
    gateway: { ...STORMS, STORM_FIRST_REQUEST_SECONDS: "15" },
    proxies: following,
    async prepare(scene) {
      const bad = groupsOf(scene.bad, "Trickling", THRESHOLD, MADE.bad);
      await expire(
        scene,
        bad.map(({ alertname }) => alertname),
        scene.bad,
      );
      await make(scene, groupsOf(scene.good, "Trickling", 10, MADE.good), bad);
    },
    unit: (scene, _, isBad) => endRequest(take(scene, isBad).request),
    badEvery: 5,
  },
  /** Each group's window ends just before the alert that would have made a storm of it. */
  expirations: {
    gateway: STORMS,
    proxies: following,
    async unit(scene, at, isBad) {
      const [namespace, alertname] = [placeOf(scene, isBad), `Expiring${at}`];
      if (isBad) await expire(scene, [alertname], namespace);
      await storm(scene, alertname, namespace, THRESHOLD);
    },
    badEvery: 6,
  },
  /** So many alerts of the bad namespace wait that there is no room for more. */
  bypassing: {
    gateway: {
      ...STORMS,
      STORM_MAX_PER_NAMESPACE: "20",
      STORM_RULE_PATIENT: JSON.stringify({ match: { alertname: "Patient*" }, threshold: 20, firstRequestSeconds: 600 }),
    },
    proxies: following,
    async prepare(scene) {
      for (const alertname of ["Patient1", "Patient2"]) {
        await postAll(scene.installation, crowd(10, { alertname, namespace: scene.bad }));
      }
    },
    async unit(scene, at, isBad) {
      await fire(scene.installation, { namespace: placeOf(scene, isBad), alertname: `Lone${at}` });
    },
    badEvery: 11,
  },
};
