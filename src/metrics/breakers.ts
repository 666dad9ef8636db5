/** How a dependency counts; the words of a breaker. */
interface Stateful {
  state(): "closed" | "open" | "half-open";
}

const NAME = "gateway_breaker_open";

/** Which dependencies this process keeps its senders from, in Prometheus' text format: its own, unlike what a ledger counts. */
export function breakerText({ ledger, writers }: { readonly ledger: Stateful; readonly writers: ReadonlyMap<string, Stateful> }): string {
  const line = (labels: string, { state }: Stateful) => `${NAME}{${labels}} ${state() === "closed" ? 0 : 1}\n`;
  const lines = [
    line('dependency="redis"', ledger),
    ...[...writers].map(([cluster, writer]) => line(`dependency="proxy",cluster="${cluster}"`, writer)),
  ];
  return `# HELP ${NAME} 1 while this process answers without the dependency, as too many of its calls failed.\n# TYPE ${NAME} gauge\n${lines.join("")}`;
}
