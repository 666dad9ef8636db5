import { globSync, readFileSync } from "node:fs";
import type { Labels } from "../../src/domain/labels.ts";

/** A right answer; what it leaves out may be anything. */
export interface Answer {
  readonly kind: string;
  readonly name: string | null;
  readonly namespace?: string;
}

/** An alert of a published rule, and what an engineer on call would act on; the fields are explained in the files themselves. */
export interface TargetCase {
  readonly alertname: string;
  readonly seenIn: string;
  readonly labels: Labels;
  readonly sibling: Labels | null;
  readonly same?: Labels;
  readonly target: Answer;
  readonly alsoFine?: readonly Answer[];
}

/** Every case of `test/cases/targets*.json`. */
export const targetCases: readonly TargetCase[] = globSync("test/cases/targets*.json")
  .sort()
  .flatMap((path) => JSON.parse(readFileSync(path, "utf8")).alerts);

/** A case's labels with some changed. */
export const labelsOf = ({ alertname, labels }: TargetCase, change: Labels = {}): Labels => ({ ...labels, alertname, ...change });

/** All right answers of a case. */
export const answersOf = ({ target, alsoFine = [] }: TargetCase): readonly Answer[] => [target, ...alsoFine];

/** Whether an answer is that one. */
export const isAnswer =
  (kind: string, name: string, namespace: string) =>
  (answer: Answer): boolean =>
    answer.kind === kind && (answer.name ?? name) === name && (answer.namespace ?? namespace) === namespace;
