// What TypeScript may not decide, because the engine's Lua does. Direct mode, which has no ledger to ask, is the one exception.
import { REASONS } from "../../src/domain/outcome.ts";
import type { Rule } from "./rules.ts";
import { codeOf, importsOf, type SourceFile } from "./source-file.ts";

/** Files that may name the engine's reasons, and why. */
export const MAY_NAME_REASONS: Readonly<Record<string, string>> = {
  "src/domain/outcome.ts": "the list of them",
  "src/flows/decide-direct.ts": "decides while there is no ledger",
  "src/flows/result-of.ts": "says what the answer of Kubernetes made of a verdict",
  "src/flows/dry-run.ts": "says what an intent would lead to",
  "src/flows/decide-chunk.ts": "tells an intent that is tried again from a new one",
};

/** A limit of the ledger that is also the size of a message. */
const MAY_READ_LIMITS = ["src/protocol/operations.ts", "src/domain/occurrences.ts"];

/** These mean something else in other files as well. */
const HOMONYMS = ["late", "new"];

const bounds = "threshold|\\w+TtlMs|intentsMax|bufferedMax|windowAlertsMax|windowMaxMs|joinMs|firstRequestMs";
const compared = new RegExp(
  `\\b(?:${bounds})\\b\\s*(?:[<>]=?|[!=]==)(?!\\s*(?:undefined|null)\\b)|(?:[<>]=?|[!=]==)\\s*[\\w.]*\\b(?:${bounds})\\b`,
);

const quoted = (text: string): string[] => [...text.matchAll(/'([a-z-]+)'/g)].map(([, word = ""]) => word);

const isOutside = ({ path }: SourceFile): boolean =>
  path.startsWith("src/") && path.endsWith(".ts") && !path.startsWith("src/ledger/engine/");

/** Nothing but the engine compares with a threshold, a time or a bound that it decides by; the configuration only checks them. */
export const boundsInTheEngine: Rule = (files) =>
  files
    .filter((file) => isOutside(file) && !file.path.startsWith("src/config/"))
    .flatMap((file) => {
      const found = compared.exec(codeOf(file))?.[0];
      return found ? [`${file.path}: decides by "${found.trim()}", which is the engine's to do`] : [];
    });

/** Nothing but the engine reads the limits of the ledger. */
export const limitsInTheEngine: Rule = (files) =>
  files
    .filter((file) => isOutside(file) && !MAY_READ_LIMITS.includes(file.path))
    .filter((file) => importsOf(file).some(({ target, typeOnly }) => target === "src/domain/ledger-limits.ts" && !typeOnly))
    .map(({ path }) => `${path}: reads the ledger's limits, which only the engine decides by`);

/** The reasons that the engine's Lua gives are given by nothing else. */
export const reasonsInTheEngine =
  (lua: readonly SourceFile[]): Rule =>
  (files) => {
    const given = new Set(lua.flatMap(({ text }) => quoted(text)).filter((word) => !HOMONYMS.includes(word)));
    const words = REASONS.filter((reason) => given.has(reason));
    return files
      .filter((file) => isOutside(file) && !(file.path in MAY_NAME_REASONS))
      .flatMap((file) =>
        words
          // A step is an event of the same name, in the list of events.
          .filter((word) => new RegExp(`(?:reason:|[!=]==)\\s*"${word}"|"${word}"\\s*[?:!=]`).test(codeOf(file)))
          .map((word) => `${file.path}: gives the reason "${word}", which is the engine's`),
      );
  };

/** What a record's state means is told by the engine: nothing else compares with the words that it stores. */
export const statesInTheEngine =
  (lua: readonly SourceFile[]): Rule =>
  (files) => {
    const table = lua.find(({ path }) => path.endsWith("lib/states.lua"))?.text.match(/local SHOWN = \{(.*)\}/)?.[1] ?? "";
    const words = [...table.matchAll(/(\w+) = '/g)].map(([, word]) => word);
    const use = new RegExp(`\\b(?:state|fields\\[\\d+\\])\\s*[!=]==\\s*"(?:${words.join("|")})"`);
    return files.filter(isOutside).flatMap((file) => {
      const found = use.exec(codeOf(file))?.[0];
      return found ? [`${file.path}: decides by "${found}", which is the engine's to do`] : [];
    });
  };
