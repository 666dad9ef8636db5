import { familyText, type Heading, type Sample } from "./family-text.ts";

/** How a dependency counts; the words of a breaker. */
interface Stateful {
  state(): "closed" | "open" | "half-open";
}

export const BREAKERS: Heading = {
  name: "gateway_breaker_open",
  help: "1 while this process answers without the dependency, as too many of its calls failed.",
  type: "gauge",
};

/** Which dependencies this process keeps its senders from, in Prometheus' text format: its own, unlike what a ledger counts. */
export function breakerText({ ledger, writers }: { readonly ledger: Stateful; readonly writers: ReadonlyMap<string, Stateful> }): string {
  const sample = (labels: Sample["labels"], { state }: Stateful): Sample => ({ labels, value: state() === "closed" ? 0 : 1 });
  return familyText(BREAKERS, [
    sample({ dependency: "redis" }, ledger),
    ...[...writers].map(([cluster, writer]) => sample({ dependency: "proxy", cluster }, writer)),
  ]);
}
