import type { BridgeAnswer, BridgeMetrics } from "../metrics/bridge-metrics.ts";
import type { RedisCommands } from "./commands.ts";

const wordOf = (answer: object): BridgeAnswer => ("error" in answer ? "error" : "ok");

/** The same commands, each of which is counted by how it was answered. */
export function countCommands(commands: RedisCommands, { answered }: BridgeMetrics): RedisCommands {
  return {
    async run(command, line) {
      const answer = await commands.run(command, line).catch((error: unknown) => {
        answered("none");
        throw error;
      });
      answered(wordOf(answer));
      return answer;
    },
    async transaction(list) {
      const answers = await commands.transaction(list).catch((error: unknown) => {
        for (const _ of list) answered("none");
        throw error;
      });
      const each = "error" in answers ? list.map(() => answers) : answers;
      for (const answer of each) answered(wordOf(answer));
      return answers;
    },
  };
}
