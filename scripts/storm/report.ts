import type { Drill } from "./send.ts";

/** What became of a storm's alerts, for people; a line each. */
export function reportOf({ answers, firstRequestMs, tookMs }: Drill): string {
  const known = answers.filter((answer) => answer !== null);
  const outcomes = Map.groupBy(known, ({ outcome }) => outcome);
  const requests = new Set(known.flatMap(({ request }) => request ?? []));
  const lines = [
    ["alerts sent", `${answers.length} in ${seconds(tookMs)}`],
    ...[...outcomes].map(([outcome, alike]) => [`  ${outcome}`, `${alike.length}`]),
    ...(known.length < answers.length ? [["  not answered", `${answers.length - known.length}`]] : []),
    ["requests", `${requests.size}`],
    [
      "cost reduction",
      requests.size === 0 ? "-" : `${Math.floor((1 - requests.size / answers.length) * 100)} % fewer requests than alerts`,
    ],
    ["first request", firstRequestMs === null ? "none" : `after ${seconds(firstRequestMs)}`],
  ];
  return lines.map(([name = "", value]) => `${name.padEnd(16)}${value}`).join("\n");
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
