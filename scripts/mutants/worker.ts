// One process that tries mutants, one after the other: ledger contracts first, then histories of the simulator, until something fails.
import { registerHooks } from "node:module";
import { COMMANDS } from "../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../src/ledger/engine/script.ts";

/** What the parent sends: the text of each command that is changed. An empty one is the engine as it is. */
export type Trial = Readonly<Record<string, string>>;

/** What noticed the change; null: nothing did. */
export interface Verdict {
  readonly killedBy: string | null;
}

const SEEDS = 60;

const standIn = new URL("./collected-tests.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) => (specifier === "vitest" ? { url: standIn, shortCircuit: true } : next(specifier, context)),
});

let changed: ReadonlyMap<string, string> = new Map();
const change = (script: string): string => changed.get(script) ?? script;

const { firstFailure } = await import("./collected-tests.ts");
const { conserving } = await import("../../test/support/conservation.ts");
const { openEmbeddedLedger, openEmbeddedStore } = await import("../../test/support/embedded-ledger.ts");
const { ledgerContracts } = await import("../../test/contract/ledger-contracts.ts");
const { ledgerFlagsContract } = await import("../../test/contract/ledger-flags.contract.ts");
const { ledgerStoreContract } = await import("../../test/contract/ledger-store.contract.ts");
const { withBrokenEngine } = await import("../../test/simulator/broken-engine.ts");
const { explore } = await import("../../test/simulator/explore.ts");

ledgerContracts("a mutant", async (rules, nowMs) =>
  conserving(openEmbeddedLedger(rules, nowMs, (redis) => withBrokenEngine(redis, change))),
);
ledgerStoreContract("a mutant", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, (redis) => withBrokenEngine(redis, change)));
ledgerFlagsContract("a mutant", async (rules, nowMs) => openEmbeddedStore(rules, nowMs, (redis) => withBrokenEngine(redis, change)));

async function killerOf(): Promise<string | null> {
  const failed = await firstFailure();
  if (failed !== null) return failed;
  const sabotage = { without: "a mutant", what: "anything", theme: "any", lua: change } as const;
  const [broken] = await explore(1, SEEDS, { sabotage, most: 1 });
  return broken ? `seed ${broken.seed}: ${broken.finding.what}` : null;
}

process.on("message", async (trial: Trial) => {
  changed = new Map(Object.entries(trial).map(([command, text]) => [engineScript(command as CommandName).text, text]));
  const killedBy = await killerOf().catch((error: unknown) => `an error: ${String(error).slice(0, 100)}`);
  process.send?.({ killedBy } satisfies Verdict);
});
process.send?.({ killedBy: Object.keys(COMMANDS).length > 0 ? null : "no commands" } satisfies Verdict);
