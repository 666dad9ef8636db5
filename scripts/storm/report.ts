import { stormName } from "../../src/domain/storm-draft.ts";
import type { Drill } from "./send.ts";
import { type Fate, isSettled } from "./track.ts";

/** Different troubles that a report names. */
const TROUBLES_MAX = 3;

const isStorm = (request: string): boolean => request.split("/")[1]?.startsWith(stormName("")) ?? false;

/** What became of a storm's alerts, for people; a line each. */
export function reportOf({ fates, webhooks, sentMs, firstRequestMs }: Drill): string {
  const answered = fates.flatMap(({ outcome }) => outcome ?? []);
  const requests = [...new Set(fates.flatMap(({ request }) => request ?? []))];
  const storms = requests.filter(isStorm).length;
  const within = fates.filter(({ request }) => request !== null);
  const inStorm = within.filter(({ request }) => isStorm(request as string)).length;
  const lost = fates.filter((fate) => !isSettled(fate));
  const lines: [name: string, value: string][] = [
    ["alerts sent", `${fates.length} in ${webhooks} webhooks, in ${seconds(sentMs)}`],
    ...tallied(answered).map(([outcome, times]): [string, string] => [`  ${outcome}`, `${times}`]),
    ...(answered.length < fates.length ? [["  not answered", `${fates.length - answered.length}`] as [string, string]] : []),
    ["requests", `${requests.length} (of storms: ${storms}, of single alerts: ${requests.length - storms})`],
    ["  in a storm's", `${inStorm} alerts`],
    ["  in its own", `${within.length - inStorm} alerts`],
    ...tallied(fates.flatMap(({ without }) => without ?? [])).map(([word, times]): [string, string] => [
      `  ${word}`,
      `${times} alerts, without a request`,
    ]),
    ["cost reduction", requests.length === 0 ? "-" : `${savedPercent(requests.length, within.length)} % fewer requests than alerts`],
    ["first request", firstRequestMs === null ? "none" : `after ${seconds(firstRequestMs)}`],
    ["unaccounted", `${lost.length}`],
    ...troublesOf(lost).map((trouble): [string, string] => ["", trouble]),
  ];
  return lines.map(([name, value]) => `${name.padEnd(16)}${value}`).join("\n");
}

/** Rounded down: no storm is said to have saved more than it has. */
const savedPercent = (requests: number, alerts: number): number => Math.floor((1 - requests / alerts) * 100);

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const tallied = (words: readonly string[]): [word: string, times: number][] =>
  [...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]);

const troublesOf = (lost: readonly Fate[]): string[] =>
  tallied(lost.map(({ outcome, trouble }) => trouble ?? (outcome === null ? "not answered" : `${outcome}, and no request within the wait`)))
    .slice(0, TROUBLES_MAX)
    .map(([trouble, times]) => `${times}: ${trouble}`);
