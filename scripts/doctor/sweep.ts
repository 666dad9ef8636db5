import { Failure } from "../../src/domain/failure.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { type Finding, findingsOf } from "./finding.ts";

/** A process sweeps within a second, a Worker within a minute. */
const LAG_MAX_MS = 90_000;

/** A request is made within 50 s of its alert; for so long after that it is merely tried again. */
const INTENT_MAX_MS = 120_000;

const { ok, wrong, unknown } = findingsOf("sweep");

/** Whether somebody sweeps windows and makes requests, by what a cluster's ledger holds. */
export async function examineSweep(cluster: string, ledger: Pick<Ledger, "survey" | "windows">, nowMs: number): Promise<Finding[]> {
  try {
    const [{ windows }, survey] = [await ledger.windows(0, 1), await ledger.survey()];
    const dueAtMs = windows[0]?.dueAtMs ?? null;
    const lagMs = dueAtMs === null ? 0 : nowMs - dueAtMs;
    if (lagMs > LAG_MAX_MS)
      return [
        wrong(
          "nobody-sweeps",
          `a window of ${cluster} has been due for ${seconds(lagMs)} s: no gateway runs, or no cron trigger reaches the Worker`,
          "start a gateway; for a Worker: npx wrangler tail, and look for a run each minute",
        ),
      ];
    const { oldestIntentMs, failures } = survey;
    if (oldestIntentMs !== null && oldestIntentMs > INTENT_MAX_MS) {
      const most = [...failures].sort((left, right) => right.count - left.count)[0];
      return [
        wrong(
          "requests-not-made",
          `an alert of ${cluster} has waited ${seconds(oldestIntentMs)} s for its request${most ? `; tries mostly failed as: ${most.reason}` : ""}`,
          "npm run -s doctor, with the proxy's settings",
        ),
      ];
    }
    return [ok("sweep", `nothing of ${cluster} is overdue`), ...lettersOf(cluster, survey.deadLetters)];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [unknown("ledger-unread", `the ledger of ${cluster} cannot be read: ${error.message}`, "mend what is said of redis first")];
  }
}

function lettersOf(cluster: string, letters: Readonly<Record<string, number>>): Finding[] {
  const total = Object.values(letters).reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const each = Object.entries(letters).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []));
  return [
    wrong(
      "dead-letters",
      `${total} dead letters of ${cluster} wait for a person: ${each.join(", ")}`,
      "curl -H 'authorization: Bearer <admin token>' <gateway>/api/v1/admin/dead-letters",
    ),
  ];
}

const seconds = (ms: number): number => Math.round(ms / 1_000);
