import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { SHOP } from "../world.ts";
import { alertmanagerOf, alerts, inNamespace, set } from "./hands.ts";

/** A process that stands still most of the time, as on a node that swaps, until it is ended. */
async function stutter(pids: readonly number[]): Promise<void> {
  try {
    for (let times = 0; times < 60; times += 1) {
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      await sleep(3_500);
      for (const pid of pids) process.kill(pid, "SIGCONT");
      await sleep(500);
    }
  } catch {} // it is gone
}

export const senders: readonly Fault[] = [
  {
    alert: "BreakwaterSenderUnknown",
    endsWithinMs: 90_000,
    async break(world) {
      const { tell, variables } = await alertmanagerOf(world, "a token that was replaced");
      await tell({ alertname: "Told", namespace: SHOP, pod: "told", severity: "critical" });
      return variables;
    },
  },
  {
    alert: "BreakwaterAlertsTruncated",
    endsWithinMs: 180_000,
    async break(world) {
      const { tell, variables } = await alertmanagerOf(world, world.tokens.alertmanager, 1);
      await tell(...["one", "two", "three"].map((pod) => ({ alertname: "Told", namespace: SHOP, pod, severity: "critical" })));
      return variables;
    },
  },
  {
    alert: "BreakwaterWatchdogMissing",
    firesWithinMs: 400_000,
    async break(world) {
      const { tell, variables, workload } = await alertmanagerOf(world);
      await tell({ alertname: "Watchdog", severity: "none" });
      await sleep(5_000);
      await workload.kill();
      return variables;
    },
  },
  {
    alert: "BreakwaterAnswersSlow",
    endsWithinMs: 90_000,
    async break(world) {
      await set(world, "REDIS_TIMEOUT_MS=5000");
      void stutter(world.workloads.of.redis.pids());
      return {};
    },
    load: async ({ send }, second) => void Array.from({ length: 5 }, (_, at) => send(...alerts(`slow-${second}-${at}`, 1)).catch(() => {})),
  },
  {
    alert: "BreakwaterSourceRefused",
    async break(world) {
      const { kubectl } = world;
      const source = (alertsPerMinute: number) => {
        const text = kubectl(...inNamespace, "get", "secret", "breakwater-gateway", "-o", "jsonpath={.data.SOURCE_ALERTMANAGER}");
        return JSON.stringify({ ...JSON.parse(Buffer.from(text, "base64").toString()), alertsPerMinute });
      };
      const stringData = { SOURCE_ALERTMANAGER: source(1) };
      kubectl(...inNamespace, "patch", "secret", "breakwater-gateway", "--type=merge", "-p", JSON.stringify({ stringData }));
      await set(world, "MAX_ALERTS_PER_REQUEST=100");
      return { SOURCE: "ALERTMANAGER", SETTING: source(1_000_000) };
    },
    // More than are saved up for a minute, and then on.
    load: ({ send }, second) => (second === 0 ? send(...alerts("many", 100)) : send(...alerts("some", 1))),
    endsWithinMs: 120_000,
  },
  {
    alert: "BreakwaterTargetsUnknown",
    firesWithinMs: 120_000,
    endsWithinMs: 120_000,
    async break({ send }) {
      const labels = (at: number) => ({
        alertname: `DatabaseSlow${at}`,
        namespace: SHOP,
        db_name: `db-${at}`,
        job: "acme",
        severity: "critical",
      });
      await send(...Array.from({ length: 10 }, (_, at) => ({ status: "firing", labels: labels(at) })));
      await sleep(3_000);
      await send(...Array.from({ length: 40 }, (_, at) => ({ status: "firing", labels: labels(10 + at) })));
      return { RULE: JSON.stringify({ match: { job: "acme" }, kind: "Database.acme.example", name: "{db_name}" }) };
    },
    async load({ send }, second) {
      if (second < 75) return; // those that are known are to come after the mend
      const labels = (at: number) => ({
        alertname: `Slow${at}`,
        namespace: SHOP,
        db_name: `${second}-${at}`,
        job: "acme",
        severity: "critical",
      });
      await send(...Array.from({ length: 10 }, (_, at) => ({ status: "firing", labels: labels(at) })));
    },
  },
  {
    alert: "BreakwaterAnswersObjective",
    endsWithinMs: 600_000,
    async break({ workloads }) {
      await Promise.all([workloads.of.redis.kill(), workloads.of.proxy.kill()]);
      return {};
    },
    // Some fail. Among the thousands that come once the gateway is ready again they are few.
    async load({ send, workloads }, second) {
      const many = second < 8 ? 1 : 100;
      if (many === 1 || (await fetch(new URL("/ready", workloads.of.gateway.urls[0]))).ok)
        await Promise.all(Array.from({ length: many }, () => send(...alerts("answered", 1))));
    },
  },
];
