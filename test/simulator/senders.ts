import type { Alert } from "../../src/domain/alert.ts";
import { alertOf } from "../support/flow-bench.ts";
import { GROUP, NOTHING_ASIDE } from "../support/ledger-builders.ts";
import type { Command, PlannedAlert } from "./plan.ts";
import { Process } from "./process.ts";
import type { World } from "./world.ts";

type Post = Extract<Command, { kind: "post" }>;

/** Alertmanager gives up on an answer after so long. */
const ANSWER_TIMEOUT_MS = 15_000;

/** What nobody may wait longer for: 10 s, and the way there and back. */
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;

class Unanswered extends Error {}

/** Sends a delivery and, as long as nobody answers 2xx, the same again. */
export async function send(world: World, { delivery, alerts, gateway, triesMax }: Post, turn: number): Promise<void> {
  const sender = new Process(`am${turn}`);
  const digest = alerts.map(({ word, instance, status, startsAtMs }) => [word, instance, status, startsAtMs].join("")).join(".");
  const name = delivery === null ? `own-${turn}` : `${delivery}-${digest}`;
  const posted = { source: "am", delivery: name, alerts: alerts.map(toAlert), ...NOTHING_ASIDE };
  for (let tries = 1; tries <= triesMax || world.isCalm; tries++) {
    const target = world.gateways[(gateway + tries - 1) % world.gateways.length] as World["gateways"][number];
    const answer = await sender.run(() =>
      world.network
        .call({
          ...{
            from: sender,
            to: target.process,
            place: target.process.name.split(".")[0] ?? "",
            what: "post",
            timeoutMs: ANSWER_TIMEOUT_MS,
          },
          arrive: () => world.timed(target, () => target.ingest(posted)),
          failed: () => new Unanswered(),
        })
        .catch(() => null),
    );
    if (answer?.kind === "decided") {
      world.chronicle.answered.add(name);
      world.tell(`${sender.name}: ${digest} answered ${answer.results.map(({ outcome, reason }) => `${outcome} (${reason})`).join(", ")}`);
      return;
    }
    world.tell(`${sender.name}: ${digest} not answered`);
    await new Promise<void>((resolve) => world.time.after(Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (tries - 1)), resolve, sender));
  }
}

const toAlert = ({ word, instance, status, startsAtMs }: PlannedAlert): Alert =>
  alertOf(word, { group: GROUP, instance, status, startsAtMs });
