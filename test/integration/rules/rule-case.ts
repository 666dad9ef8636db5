import type { Look, RuleTest } from "./promtool.ts";
import type { Shape, Story } from "./timeline.ts";

/** Series by name and labels, each with what becomes of it for a while. */
export type Shapes = Readonly<Record<string, Shape>>;

/** When a rule fires, and when it does not. */
export interface RuleCase {
  readonly alert: string;
  readonly severity: "critical" | "warning";
  /** The labels of the alert beside its name and severity. */
  readonly who: Readonly<Record<string, string>>;
  readonly idle: Shapes;
  /** It fires while the series go on like this. */
  readonly above: Shapes;
  /** It does not while they go on like one of these; none: only the time makes the difference. */
  readonly below: readonly Shapes[];
  /** What ends it, if not that all is idle again. */
  readonly after?: Shapes;
  /** Minutes from the beginning within which it fires. */
  readonly within: number;
  /** Two minutes before that it does not fire yet, unless what counts is a share that is reached sooner or later. */
  readonly notBefore?: false;
  /** Minutes from the end within which it ends. */
  readonly over: number;
}

/** All is idle for half an hour before it begins. */
const QUIET = 30;

/** The four kinds of cases of a rule: it fires, it just does not, idle, and over again. */
export function testsOf({ alert, severity, who, idle, above, below, after, within, notBefore, over }: RuleCase): RuleTest[] {
  const name = (what: string) => `${alert} ${what}`;
  const of = { alertname: alert, severity, ...("window" in who && { window: who.window }) };
  const fires = { ...of, ...who };
  const lasts = within + 1;
  const told = (during: Shapes, minutes: number): RuleTest["series"] =>
    Object.fromEntries(
      [...new Set([...Object.keys(idle), ...Object.keys(during)])].map((series): [string, Story] => {
        const quiet = idle[series] as Shape;
        const end = after?.[series] ?? quiet;
        return [
          series,
          [
            [QUIET, quiet],
            [minutes, during[series] ?? quiet],
            [over + 10, end],
          ],
        ];
      }),
    );
  const look = (minute: number, fire: Look["fire"]): Look => ({ minute, of, fire });
  const before = notBefore === false ? [] : [look(QUIET + within - 2, [])];
  const briefly = within > 2 ? [{ name: name("does not fire for less than its time"), minutes: within - 2 }] : [];
  return [
    { name: name("fires"), series: told(above, lasts), looks: [look(QUIET - 1, []), ...before, look(QUIET + within, [fires])] },
    { name: name("is over"), series: told(above, lasts), looks: [look(QUIET + lasts + over, [])] },
    {
      name: name("is silent while all is idle"),
      series: told({}, lasts),
      looks: [look(QUIET + within, []), look(QUIET + lasts + over, [])],
    },
    ...below.map((shapes) => ({
      name: name("is silent just below its limit"),
      series: told(shapes, lasts),
      looks: [look(QUIET + within, []), look(QUIET + lasts, []), look(QUIET + lasts + over, [])],
    })),
    ...(below.length > 0
      ? []
      : briefly.map((brief) => ({ name: brief.name, series: told(above, brief.minutes), looks: [look(QUIET + within, [])] }))),
  ];
}
