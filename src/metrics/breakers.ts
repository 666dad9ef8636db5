import { familyText, type Heading } from "./family-text.ts";

/** How a dependency counts; the words of a breaker. */
interface Stateful {
  state(): "closed" | "open" | "half-open";
}

const HEADING: Heading = {
  name: "gateway_breaker_open",
  help: "1 while this process answers without the dependency, as too many of its calls failed.",
  type: "gauge",
};

/** Which dependencies this process keeps its senders from, in Prometheus' text format: its own, unlike what a ledger counts. */
export function breakerText({ ledger, writers }: { readonly ledger: Stateful; readonly writers: ReadonlyMap<string, Stateful> }): string {
  const line = (labels: string, { state }: Stateful) => `${HEADING.name}{${labels}} ${state() === "closed" ? 0 : 1}`;
  const lines = [
    line('dependency="redis"', ledger),
    ...[...writers].map(([cluster, writer]) => line(`dependency="proxy",cluster="${cluster}"`, writer)),
  ];
  return familyText(HEADING, lines);
}
