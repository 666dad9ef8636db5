import { openEmbeddedRedis } from "../../../test/support/embedded-ledger.ts";
import { bundled, readEngine } from "../../engine-bundle.ts";

/** Draws votes, each 1 with a chance and else 0, and stops at the first rollback. */
const DRAWS = `-- Draws votes of a rule.
-- KEYS  none
-- ARGV  1 rule's number  2 chance  3 most votes  4 seed  5 its record before  6 looks between two votes
-- Reply { votes until the rollback or 0, its record }
--- @include "lib/evidence.lua"
--- @include "lib/rules.lua"
local rule, chance, record = RULES[tonumber(ARGV[1])], tonumber(ARGV[2]), recordAt(ARGV[5])
record.votes, record.units = record.votes or 0, record.units or 0
local drawn, start = tonumber(ARGV[4]) * 7919 % 2147483646 + 1, record.votes
local function draw()
  drawn = drawn * 16807 % 2147483647
  return drawn / 2147483647
end
for _ = 1, 8 do draw() end
for i = 1, tonumber(ARGV[3]) do
  local at = (start + i) * 60000
  weigh(record, rule, at, at - rule.minutes * 60000, draw() < chance and 1 or 0)
  for _ = 1, tonumber(ARGV[6]) do weigh(record, rule, at, at - rule.minutes * 60000, nil) end
  if record.state == 'breach' then return { i, recordText(record, rule) } end
end
record.state, record.mean, record.evidence = record.state or '', record.mean or '', record.evidence or 1
return { 0, recordText(record, rule) }
`;

const TABLE = `-- Tells the rules.
-- KEYS  none
-- ARGV  none
-- Reply of each { name, limit, minutes }
--- @include "lib/rules.lua"
local told = {}
for i, rule in ipairs(RULES) do told[i] = { rule.name, tostring(rule.limit), tostring(rule.minutes) } end
return told
`;

/** A rule as the engine has it; `number` from 1. */
export interface SimulatedRule {
  readonly number: number;
  readonly name: string;
  readonly limit: number;
  readonly minutes: number;
}

export interface Draw {
  readonly rule: SimulatedRule;
  /** That a vote is 1, and not 0. */
  readonly chance: number;
  readonly votes: number;
  readonly seed: number;
  /** A rule's record to go on from; empty: it has no votes. */
  readonly from?: string;
  /** How often its state is read beside, between two votes. */
  readonly looks?: number;
}

/** Votes until the rollback, the last one included; null: there was none. */
export interface Drawn {
  readonly rolledBackAfter: number | null;
  readonly record: string;
}

const scriptOf = (text: string): string => {
  const { engine } = bundled(new Map([...readEngine(), ["commands/simulated.lua", text]]));
  return engine?.commands.find(({ name }) => name === "simulated")?.text ?? "";
};

/** The engine's own evidence, in process, on votes that are drawn. */
export function openSimulation() {
  const redis = openEmbeddedRedis(() => 0);
  const run = async (script: string, args: readonly (string | number)[]): Promise<unknown> => {
    const answer = await redis.execute(["EVAL", script, "0", ...args.map(String)]);
    if ("error" in answer) throw new Error(answer.error);
    return answer.result;
  };
  const [draws, table] = [scriptOf(DRAWS), scriptOf(TABLE)];
  return {
    async rules(): Promise<SimulatedRule[]> {
      const told = (await run(table, [])) as [string, string, string][];
      return told.map(([name, limit, minutes], at) => ({ number: at + 1, name, limit: Number(limit), minutes: Number(minutes) }));
    },
    async draw({ rule, chance, votes, seed, from = "", looks = 0 }: Draw): Promise<Drawn> {
      const [after, record] = (await run(draws, [rule.number, chance, votes, seed, from, looks])) as [number, string];
      return { rolledBackAfter: after === 0 ? null : after, record };
    },
  };
}
