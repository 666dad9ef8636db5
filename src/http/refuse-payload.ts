import type { Context } from "hono";
import type { BodyLimit } from "./middleware/json-body.ts";
import { problem, RETRY_AFTER } from "./problem.ts";
import type { Env, Services } from "./services.ts";

interface Refusal {
  readonly detail: (limits: Services["limits"]) => string;
  /** What an operator can do. Alertmanager sends groups of any size and never repeats a 413. */
  readonly remedy: string;
  /** It may be taken when it comes again. */
  readonly again: boolean;
}

const SMALLER =
  "set max_alerts in Alertmanager's webhook_configs, or group_by to make smaller groups; another sender should send less at once";
const LATER = "send less at once (Alertmanager: max_alerts in webhook_configs), or run more gateways";

const REFUSALS: Readonly<Record<BodyLimit, Refusal>> = {
  "body-too-large": { detail: ({ bodyBytesMax }) => `the body is larger than ${bodyBytesMax} bytes`, remedy: SMALLER, again: false },
  "values-too-many": { detail: () => "the JSON holds too many values or names", remedy: SMALLER, again: false },
  "alerts-too-many": {
    detail: ({ alertsPerRequestMax }) => `more than ${alertsPerRequestMax} alerts in one request`,
    remedy: SMALLER,
    again: false,
  },
  "no-room": { detail: () => "too many large bodies are under way; send it again", remedy: LATER, again: true },
  "body-late": { detail: () => "the body took too long to come; send it again", remedy: LATER, again: true },
};

/** Answers a payload of which nothing is taken, and says in the log what helps. */
export function refusePayload(c: Context<Env>, { limits }: Pick<Services, "limits">, limit: BodyLimit): Response {
  const { name: source, backpressureStatus } = c.get("source");
  const { detail, remedy, again } = REFUSALS[limit];
  c.get("request").log.warn("payload-refused", { source, reason: limit, remedy });
  if (again) return problem(backpressureStatus, limit, detail(limits), RETRY_AFTER);
  return problem(413, limit, `${detail(limits)}; ${remedy}`);
}

/** Answers a payload of a source that has sent more than its alerts a minute, of which nothing is stored. */
export function refuseSource(c: Context<Env>, waitMs: number): Response {
  const { name: source, backpressureStatus } = c.get("source");
  c.get("request").log.warn("payload-refused", { source, reason: "rate", remedy: "send less, or raise alertsPerMinute of the source" });
  return problem(backpressureStatus, "rate", "the source has sent more alerts than it may; send it again later", {
    "retry-after": String(Math.ceil(waitMs / 1_000)),
  });
}
