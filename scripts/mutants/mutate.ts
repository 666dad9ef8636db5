// Makes one-line mutants of the engine's Lua from its syntax tree. Which of them are tried, choose.ts decides.
import { type Node, nodesOf, statementsOf } from "../engine/source.ts";

/** One changed line of one Lua file. */
export interface Mutant {
  /** From the engine's folder, such as `lib/time.lua`. */
  readonly path: string;
  readonly line: number;
  /** The operator that made it, such as `drop-statement`. */
  readonly kind: string;
  /** The line before and after the change, without indentation. */
  readonly before: string;
  readonly after: string;
  /** The whole file with the change. */
  readonly text: string;
}

interface Edit {
  readonly kind: string;
  readonly range: readonly [from: number, to: number];
  readonly by: string;
}

type Operator = (node: Node, text: string) => readonly Edit[];

const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
  "==": ["~="],
  "~=": ["=="],
};
const SIGNS: Readonly<Record<string, string>> = { "+": "-", "-": "+" };
const BOUNDS: Readonly<Record<string, string>> = { min: "max", max: "min" };

/** The operator between two operands, if nothing but brackets stands beside it. */
function operatorEdits(node: Node, text: string, kind: string, instead: readonly string[]): Edit[] {
  const [from, to] = [(node.left as Node).range[1], (node.right as Node).range[0]];
  const [before = ""] = /^[\s)]*/.exec(text.slice(from, to)) ?? [];
  const at = from + before.length;
  const operator = String(node.operator);
  if (text.slice(at, at + operator.length) !== operator) return [];
  return instead.map((by) => ({ kind, range: [at, at + operator.length], by }));
}

const isWord = (text: string): boolean => /^[a-z][A-Za-z_-]*$/.test(text);

const OPERATORS: Readonly<Record<string, Operator>> = {
  BinaryExpression(node, text) {
    const operator = String(node.operator);
    const sign = SIGNS[operator];
    if (sign) return operatorEdits(node, text, "swap-sign", [sign]);
    return operatorEdits(node, text, "swap-comparison", COMPARISONS[operator] ?? []);
  },
  LogicalExpression(node, text) {
    const { range } = node;
    return [node.left as Node, node.right as Node].map((side) => ({ kind: "drop-side", range, by: text.slice(...side.range) }));
  },
  UnaryExpression(node, text) {
    if (node.operator !== "not") return [];
    return [{ kind: "drop-not", range: node.range, by: text.slice(...(node.argument as Node).range) }];
  },
  IfClause: negated,
  ElseifClause: negated,
  NumericLiteral: (node) => [{ kind: "next-number", range: node.range, by: String(Number(node.value) + 1) }],
  BooleanLiteral: (node) => [{ kind: "swap-boolean", range: node.range, by: String(node.value !== true) }],
  StringLiteral(node) {
    const word = String(node.raw).slice(1, -1);
    return isWord(word) ? [{ kind: "wrong-word", range: node.range, by: `'${word}_'` }] : [];
  },
  MemberExpression(node, text) {
    const { range, name } = node.identifier as Node;
    const bound = text.slice(...(node.base as Node).range) === "math" ? BOUNDS[String(name)] : undefined;
    if (bound) return [{ kind: "swap-bound", range, by: bound }];
    const isLibrary = ["redis", "string", "table", "math"].includes(text.slice(...(node.base as Node).range));
    return isLibrary ? [] : [{ kind: "wrong-field", range, by: `${name}_` }];
  },
  CallStatement: (node) => [{ kind: "drop-statement", range: node.range, by: "" }],
  AssignmentStatement: (node) => [{ kind: "drop-statement", range: node.range, by: "" }],
};

function negated(node: Node, text: string): Edit[] {
  const { range } = node.condition as Node;
  return [{ kind: "negate", range, by: `not (${text.slice(...range)})` }];
}

/** Every mutant of a file, in the order in which they stand in it. What Lua or the linter refuses is among them. */
export function mutantsOf(path: string, text: string): readonly Mutant[] {
  const parsed = statementsOf(path, text);
  const mutants = new Map<string, Mutant>();
  for (const node of nodesOf(parsed)) {
    for (const { kind, range, by } of OPERATORS[node.type]?.(node, text) ?? []) {
      if (text.slice(...range).includes("\n")) continue;
      const changed = text.slice(0, range[0]) + by + text.slice(range[1]);
      const line = text.slice(0, range[0]).split("\n").length;
      const [before, after] = [text, changed].map((each) => each.split("\n")[line - 1]?.trim() ?? "") as [string, string];
      mutants.set(`${line} ${after}`, { path, line, kind, before, after, text: changed });
    }
  }
  return [...mutants.values()].toSorted((one, other) => one.line - other.line);
}
