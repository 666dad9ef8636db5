import { CASES } from "./cases.ts";
import type { RuleTest } from "./promtool.ts";
import type { Shapes } from "./rule-case.ts";
import { gone, growth, level, rest, type Shape, type Story, step } from "./timeline.ts";

/** When something happens, in minutes, of how many. */
const [AT, NIGHT] = [60, 480];

const P = 'job="breakwater",instance="10.0.0.1:8787"';
const C = `${P},cluster="prod"`;

/** Each series of an installation where nothing happens. */
const idle: Shapes = Object.assign({}, ...Object.values(CASES).flatMap((cases) => cases.map((one) => one.idle)));

/** A night in which some series go their own way from minute 60 on, and others as told. */
const night = (name: string, happens: Shapes, looks: RuleTest["looks"], told: RuleTest["series"] = {}): RuleTest => ({
  name,
  series: {
    ...Object.fromEntries(
      Object.entries({ ...idle, ...happens }).map(([series]): [string, Story] => {
        const quiet = idle[series] ?? rest;
        return [
          series,
          [
            [AT, quiet],
            [NIGHT - AT, happens[series] ?? quiet],
          ],
        ];
      }),
    ),
    ...told,
  },
  looks,
});

const everyTenMinutes = Array.from({ length: NIGHT / 10 }, (_, at) => at * 10);

/** What may go wrong once. */
const ONCE: Readonly<Record<string, Shapes>> = {
  "an answer 503": { [`gateway_answers_total{${P},source="grafana",status="503"}`]: step(1) },
  "a request that is made late": { [`gateway_alert_to_request_seconds_count{${C},kind="lone"}`]: step(1) },
  "a request that is tried for all night": {
    [`gateway_intents_open{${C}}`]: level(1),
    [`gateway_intents_oldest_seconds{${C}}`]: growth(60),
    [`gateway_intent_failures_total{${C},reason="quota"}`]: growth(1),
  },
  "a request that Kubernetes refuses": { [`gateway_dead_letters{${C},kind="refused"}`]: level(1) },
  "an alert that the ledger cannot account for": { [`gateway_conservation_taken_total{${C}}`]: step(1) },
  "something that Redis has lost": { [`gateway_conservation_settled_total{${C},outcome="lost"}`]: step(1) },
  "a payload that is refused": { [`gateway_payloads_refused_total{${P},source="grafana",reason="rate"}`]: step(1) },
  "an alert that a sender left out": { [`gateway_truncated_alerts_total{${C}}`]: step(1) },
  "an alert that is decided without the ledger": { [`gateway_direct_alerts_total{${C},outcome="created"}`]: step(1) },
};

/** A night that nothing happens in, and nobody is told of anything. */
export const QUIET = night(
  "nothing",
  {},
  everyTenMinutes.map((minute) => ({ minute, of: {}, fire: [] })),
);

/** Nights with one bad event each. */
export const ONE_BAD_EVENT = Object.entries(ONCE).map(([name, happens]) =>
  night(
    name,
    happens,
    everyTenMinutes.map((minute) => ({ minute, of: { severity: "critical" }, fire: [] })),
  ),
);

/** Ten alerts a minute apart, all that there are. */
const ten: Shape = (minutes, from, at) => ({
  samples: `${growth(1)(10, from, at).samples} ${from + 10}+0x${minutes - 11}`,
  last: from + 10,
});

const within10 = (alertname: string, who: Readonly<Record<string, string>>, minutes = 10) => {
  const of = { alertname, severity: "critical", ...("window" in who && { window: who.window }) };
  return [{ minute: AT + minutes, of, fire: [{ ...of, ...who }] }];
};

/** What a gateway has counted in a year. */
const YEAR = 100_000;

const RUNNING = `up{${P}}`;
const FAILED = `gateway_answers_total{${P},source="grafana",status="503"}`;

/** A gateway that runs for long is read for the first time, or again after it could not be read: what it has counted is no news. */
export const OLD_COUNTS = night(
  "old counts",
  {},
  everyTenMinutes.map((minute) => ({ minute, of: { alertname: "BreakwaterAnswersObjective" }, fire: [] })),
  {
    [RUNNING]: [
      [AT, gone],
      [AT, level(1)],
      [1, level(0)],
      [NIGHT - 2 * AT - 1, level(1)],
    ],
    [FAILED]: [
      [AT, gone],
      [AT, level(YEAR)],
      [1, gone],
      [NIGHT - 2 * AT - 1, level(YEAR)],
    ],
  },
);

/** Nights in which all of ten go wrong, and somebody is woken within ten minutes of the first. */
export const TEN_OF_TEN: readonly RuleTest[] = [
  night(
    "ten answers 503",
    { [`gateway_answers_total{${P},source="grafana",status="503"}`]: ten },
    within10("BreakwaterAnswersObjective", { job: "breakwater", window: "1h" }),
  ),
  night(
    "ten answers 503 at once, the first that there ever were",
    {},
    within10("BreakwaterAnswersObjective", { job: "breakwater", window: "1h" }, 4),
    {
      [RUNNING]: [[NIGHT, level(1)]],
      [FAILED]: [
        [AT, gone],
        [NIGHT - AT, level(10)],
      ],
    },
  ),
  night(
    "ten requests that are made late",
    { [`gateway_alert_to_request_seconds_count{${C},kind="lone"}`]: ten },
    within10("BreakwaterRequestsObjective", { job: "breakwater", cluster: "prod", window: "1h" }),
  ),
  night(
    "ten requests that are not made",
    { [`gateway_intents_open{${C}}`]: ten, [`gateway_intents_oldest_seconds{${C}}`]: growth(60) },
    within10("BreakwaterRequestsStuck", { job: "breakwater", cluster: "prod" }),
  ),
];
