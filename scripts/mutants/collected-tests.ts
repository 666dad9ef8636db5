// Stands in for vitest where contracts run hundreds of times in one process: collects their tests, and runs them until one fails.
import * as vitest from "@vitest/expect";

type Run = () => unknown;

interface Case {
  readonly name: string;
  readonly before: readonly Run[];
  readonly run: Run;
}

const cases: Case[] = [];
let names: readonly string[] = [];
let hooks: readonly Run[] = [];

const { chai } = vitest;
for (const plugin of [vitest.JestExtend, vitest.JestChaiExpect, vitest.JestAsymmetricMatchers]) chai.use(plugin);

const asymmetric = (globalThis as unknown as Record<symbol, object>)[vitest.ASYMMETRIC_MATCHERS_OBJECT];
/** As vitest's, as far as contracts use it. */
export const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect, asymmetric);

/** Collects the tests that its body declares. */
export function describe(name: string, body: () => void): void {
  const outer = { names, hooks };
  names = [...names, name];
  body();
  ({ names, hooks } = outer);
}

/** Runs before each test of its group. */
export function beforeEach(run: Run): void {
  hooks = [...hooks, run];
}

function collect(name: string, run: Run): void {
  cases.push({ name: [...names, name].join(" > "), before: hooks, run });
}

/** Collects a test. */
export const it = Object.assign(collect, {
  each:
    (table: readonly unknown[]) =>
    (name: string, run: (...row: unknown[]) => unknown): void => {
      for (const row of table) collect(name.replace("%s", String([row].flat()[0])), () => run(...[row].flat()));
    },
});

/** How many tests there are. */
export const collected = (): number => cases.length;

/** The name of the first test that fails; null: all pass. */
export async function firstFailure(): Promise<string | null> {
  for (const { name, before, run } of cases) {
    try {
      for (const hook of before) await hook();
      await run();
    } catch {
      return name;
    }
  }
  return null;
}
