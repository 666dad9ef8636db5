import { grown } from "../grown.ts";
import type { AlertRule, RecordingRule, RuleGroup, Severity, Time } from "../rule.ts";

/** What is promised for a share of all events, over 30 days. */
interface Objective {
  /** Begins the names of its recorded series. */
  readonly name: string;
  readonly alert: string;
  /** The labels that its series keep. */
  readonly by: string;
  /** Share of events that may be bad. */
  readonly budget: number;
  bad(window: string): string;
  all(window: string): string;
  readonly summary: string;
  readonly description: string;
}

const histogram = "gateway_alert_to_request_seconds";
const counted = (series: string, window: string) => `sum without (kind, le) (increase(${series}[${window}]))`;

const OBJECTIVES: readonly Objective[] = [
  {
    name: "breakwater:late_requests",
    alert: "BreakwaterRequestsObjective",
    by: "job, cluster",
    budget: 0.01,
    bad: (window) =>
      `max by (job, cluster) (${counted(`${histogram}_count`, window)} - ${counted(`${histogram}_bucket{le="50"}`, window)})`,
    all: (window) => `max by (job, cluster) (${counted(`${histogram}_count`, window)})`,
    summary: "{{ $value | humanizePercentage }} of the requests of {{ $labels.cluster }} were made later than 50 s after their alert.",
    description: "99 % are to be made within 50 s.",
  },
  {
    name: "breakwater:failed_answers",
    alert: "BreakwaterAnswersObjective",
    by: "job",
    budget: 0.001,
    bad: (window) => `sum by (job) (${grown('gateway_answers_total{status=~"5.."}', window)})`,
    all: (window) => `sum by (job) (${grown('gateway_answers_total{status=~"2..|5.."}', window)})`,
    summary: "{{ $value | humanizePercentage }} of the payloads that came to {{ $labels.job }} were answered 5xx.",
    description: "99.9 % of what can be taken is to be answered 2xx. Alertmanager sends again what was not; other senders may not.",
  },
];

/** Google's SRE workbook, "Multiwindow, Multi-Burn-Rate Alerts", with its four pairs of windows and how fast each spends a month's budget. */
const BURNS: readonly { readonly long: string; readonly short: string; readonly times: number; readonly severity: Severity }[] = [
  { long: "1h", short: "5m", times: 14.4, severity: "critical" },
  { long: "6h", short: "30m", times: 6, severity: "critical" },
  { long: "1d", short: "2h", times: 3, severity: "warning" },
  { long: "3d", short: "6h", times: 1, severity: "warning" },
];

/** So many events have to be bad before any share of them counts: one failure is all there is in a quiet night. */
const BAD_MIN = 5;

const WINDOWS = BURNS.flatMap(({ long, short }) => [long, short]);

const records = ({ name, by, bad, all }: Objective, { span }: Time): RecordingRule[] =>
  [...new Set(WINDOWS)].flatMap((window) => [
    { record: `${name}:increase${window}`, expr: bad(span(window)) },
    { record: `${name}:ratio${window}`, expr: `${name}:increase${window} / on (${by}) (${all(span(window))} > 0)` },
  ]);

const alerts = ({ name, alert, budget, summary, description }: Objective, { span }: Time): AlertRule[] =>
  BURNS.map(({ long, short, times, severity }) => {
    const most = Number((times * budget).toFixed(4));
    return {
      alert,
      severity,
      labels: { window: long },
      expr: `${name}:ratio${long} > ${most} and ${name}:ratio${short} > ${most} and ${name}:increase${long} >= ${BAD_MIN}`,
      for: span("2m"),
      summary: `Over ${long}: ${summary}`,
      description: `${description} The exceptions of a month would be used up in ${Math.round((30 * 24) / times)} h.`,
    };
  });

/** Whether promises are kept, by how fast the budget for exceptions is spent. */
export const objectives = (time: Time): RuleGroup => ({
  name: "breakwater-objectives",
  rules: OBJECTIVES.flatMap((objective) => [...records(objective, time), ...alerts(objective, time)]),
});
