import { parser } from "@prometheus-io/lezer-promql";

/** Series that an expression of PromQL asks for. */
export interface Selector {
  readonly metric: string;
  /** Labels that it matches, with the text or pattern that it matches them with. */
  readonly labels: readonly { readonly name: string; readonly match: "=" | "!=" | "=~" | "!~"; readonly text: string }[];
  /** The functions and aggregations around it, the innermost first. */
  readonly within: readonly string[];
}

/** Every selector of an expression, in its order. Throws where it is no PromQL. */
export function selectorsOf(expr: string): readonly Selector[] {
  const text = (node: { readonly from: number; readonly to: number }) => expr.slice(node.from, node.to);
  const found: Selector[] = [];
  parser.parse(expr).iterate({
    enter({ name, node, type }) {
      if (type.isError) throw new Error(`no PromQL: ${expr}`);
      if (name !== "VectorSelector") return;
      const within: string[] = [];
      for (let parent = node.parent; parent; parent = parent.parent) {
        const called = parent.getChild("FunctionIdentifier") ?? parent.getChild("AggregateOp");
        if (called) within.push(text(called));
      }
      const labels = (node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []).map((matcher) => {
        const [label, match, value] = ["LabelName", "MatchOp", "StringLiteral"].map((part) => matcher.getChild(part));
        if (!label || !match || !value) throw new Error(`no PromQL: ${expr}`);
        return { name: text(label), match: text(match) as "=", text: JSON.parse(text(value)) as string };
      });
      const metric = node.getChild("Identifier");
      if (!metric) throw new Error(`a selector without a metric: ${text(node)}`);
      found.push({ metric: text(metric), labels, within });
    },
  });
  return found;
}
