import { createHash } from "node:crypto";
import type { RequestObject } from "./requests.ts";
import { type AlertLabels, type AlertResult, type Answer, alertOf, post, webhookOf } from "./sender.ts";

/** Alerts of one name, each of a pod of its own. */
export const crowd = (size: number, labels: AlertLabels, from = 0): AlertLabels[] =>
  Array.from({ length: size }, (_, at) => ({ ...labels, pod: `checkout-${from + at}` }));

/** Sends alerts in one webhook; the results in their order. */
export async function postAll(
  to: Parameters<typeof post>[0],
  alerts: readonly AlertLabels[],
  status: "firing" | "resolved" = "firing",
): Promise<{ readonly status: number; readonly results: readonly AlertResult[] }> {
  const { status: answered, body } = await post(to, webhookOf(...alerts.map((labels) => alertOf(labels, status))));
  return { status: answered, results: (body as { results?: readonly AlertResult[] }).results ?? [] };
}

export const outcomes = (answers: readonly (Answer | AlertResult)[]): (string | undefined)[] =>
  answers.map((answer) => ("outcome" in answer ? answer.outcome : answer.result?.outcome));

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** How a storm's status lists an alert. */
export function lineOf({ namespace, alertname = "KubePodCrashLooping", pod = "checkout-1" }: AlertLabels): string {
  return `${sha256(`${alertname}:${namespace}:Pod:${pod}`).slice(0, 16)} ${namespace}:Pod:${pod}`;
}

/** What a storm's request was made of, as its spec tells. */
export interface Provided {
  readonly namespace: string;
  readonly cluster: string;
  readonly storm: {
    readonly window: string;
    readonly ids: string;
    readonly truncated: boolean;
    readonly members: readonly {
      readonly id: string;
      readonly target: string;
      readonly severity: string;
      readonly startsAt: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  };
}

export const provided = ({ spec }: RequestObject): Provided => JSON.parse(Buffer.from(`${spec.providerData}`, "base64").toString());

export const isStorm = ({ spec }: RequestObject): boolean => spec.isStorm === true;

/** Members that a storm's status lists and occurrences that it counts, in words that are easily compared. */
export const told = ({ status }: RequestObject) => ({
  members: [...(status?.storm?.members ?? [])].sort(),
  alerts: status?.storm?.alertCount ?? 0,
  count: status?.deduplication?.occurrenceCount ?? 1,
});

/** What `told` says of a storm that has taken exactly these alerts. */
export const tellingOf = (alerts: readonly AlertLabels[], count: number) => ({
  members: [...new Set(alerts.map(lineOf))].sort(),
  alerts: new Set(alerts.map(lineOf)).size,
  count,
});
