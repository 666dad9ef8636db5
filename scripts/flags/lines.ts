// What the answers about flags say, as lines of text.
import type { FlagShown, FlagsShown } from "./gateway.ts";

const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
};

/** A table of all features, then one of their arms. */
export function showLines(clusters: readonly FlagsShown[]): string[] {
  const flags = clusters.flatMap(({ cluster, features }) => features.map((flag) => ({ cluster, ...flag })));
  const shares = flags.map(({ cluster, feature, percent, lowestSettingPercent, override }) => [
    ...[cluster, feature, `${percent}%`, `${lowestSettingPercent}%`],
    override ? `${override.percent}% since ${override.at} by ${override.by ?? "?"}: ${override.reason ?? "?"}` : "none",
  ]);
  const arms = flags.flatMap(({ cluster, feature, arms }) => {
    const outcomes = [...new Set([...Object.keys(arms.on), ...Object.keys(arms.off)])].sort();
    return outcomes.map((outcome) => [cluster, feature, outcome, `${arms.on[outcome] ?? 0}`, `${arms.off[outcome] ?? 0}`]);
  });
  return [
    ...columns([["CLUSTER", "FEATURE", "SHARE", "SETTING", "OVERRIDE"], ...shares]),
    ...(arms.length > 0 ? ["", ...columns([["CLUSTER", "FEATURE", "ALERTS", "WITH", "WITHOUT"], ...arms])] : []),
  ];
}

/** Of each feature why its share is what it is. */
export const whyLines = (clusters: readonly FlagsShown[], feature?: string): string[] =>
  eachOf(clusters, feature, (flag) => {
    const { percent, settingPercent, lowestSettingPercent, override, lost, rollback, rules } = flag;
    const setting = `the lowest setting of a gateway is ${lowestSettingPercent}%`;
    return [
      override && override.percent <= lowestSettingPercent
        ? `${percent}%: ${override.by ?? "somebody"} has set it at ${override.at} (${override.reason ?? "the reason is not kept any more"}); ${setting}`
        : `${percent}%: ${setting}`,
      ...(settingPercent > lowestSettingPercent ? [`gateways differ: the one that answers is set to ${settingPercent}%`] : []),
      ...(lost
        ? [
            `Redis has lost an override of ${lost.percent}% from ${lost.at}, noticed at ${lost.noticedAt}: set it again, or go by the setting`,
          ]
        : []),
      ...(rollback
        ? [`the rule ${rollback.rule} has turned it off at ${rollback.at}; receipts that show why: ${rollback.alerts.join(" ")}`]
        : []),
      ...rules.map(({ rule, state, votes, blind }) => `${rule} ${state}, ${votes} votes${blind ? ", blind" : ""}`),
    ];
  });

/** Of each feature the next step of its rollout, and what stands in its way. */
export const nextLines = (clusters: readonly FlagsShown[], feature?: string): string[] =>
  eachOf(clusters, feature, ({ feature: name, next, lowestSettingPercent, rollback }) => {
    if (next === null) return ["100%: all namespaces have it"];
    const { percent, needs } = next;
    const missing = needs.map(({ rule, state }) => `${rule} (${state})`).join(", ");
    if (missing !== "") return [`${percent}% needs every rule at pass: ${missing}`];
    if (percent > lowestSettingPercent)
      return [`${percent}%: raise the setting of each gateway, which is ${lowestSettingPercent}% at the lowest`];
    const acknowledged = rollback ? ` --acknowledge ${rollback.rule}` : "";
    const share = percent === lowestSettingPercent ? "setting" : `${percent}%`;
    return [`${percent}%: npm run -s flags -- set ${name} ${share} --reason …${acknowledged}`];
  });

const eachOf = (clusters: readonly FlagsShown[], feature: string | undefined, lines: (flag: FlagShown) => readonly string[]): string[] =>
  clusters.flatMap(({ cluster, features }) =>
    features
      .filter((flag) => feature === undefined || flag.feature === feature)
      .flatMap((flag) => lines(flag).map((line) => `${cluster} ${flag.feature}: ${line}`)),
  );
