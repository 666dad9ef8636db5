import type { DeadLetter, Ledger } from "../../ports/ledger.ts";
import type { Args } from "./args.ts";
import { discardScript, listLettersScript, readLettersScript, replayScript } from "./commands.ts";
import type { Keys } from "./keys.ts";
import { parseLetter } from "./replies.ts";
import type { ScriptClient } from "./script.ts";

interface Store {
  readonly client: ScriptClient;
  readonly keys: Keys;
  /** The keys that scripts begin with. */
  readonly shared: string[];
  readonly times: () => Args;
  readonly intentsMax: number;
}

type LetterMethods = Pick<Ledger, "deadLetters" | "deadLetter" | "replay" | "discard">;

/** Dead letters. One that is gone between the call that names it and the call that reads it is left out. */
export function createLetterStore({ client, keys, shared, times, intentsMax }: Store): LetterMethods {
  const keysOf = (id: string) => [keys.letter(id), keys.episode(id)];
  const read = async (ids: readonly string[]): Promise<DeadLetter[]> => {
    if (ids.length === 0) return [];
    const letters = await readLettersScript(client, ids.flatMap(keysOf), times());
    return letters.flatMap((fields, index) => parseLetter(ids[index] as string, fields));
  };
  return {
    async deadLetters(offset, limit, kind) {
      const [total, ids] = await listLettersScript(client, shared, [...times(), kind ?? "", offset, limit]);
      return { total: Number(total), letters: await read(ids) };
    },
    async deadLetter(id) {
      return (await read([id]))[0] ?? null;
    },
    replay: (id) => replayScript(client, [...shared, ...keysOf(id)], [...times(), id, intentsMax]),
    async discard(id) {
      return (await discardScript(client, [...shared, ...keysOf(id)], [...times(), id])) === "1";
    },
  };
}
