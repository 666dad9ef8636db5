import type { DeadLetter, Ledger, LetterFilter } from "../../ports/ledger.ts";
import type { Args } from "./args.ts";
import { discardScript, findLettersScript, listLettersScript, readLettersScript, replayScript } from "./commands.ts";
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

type LetterMethods = Pick<Ledger, "deadLetters" | "deadLetter" | "replay" | "discard" | "findLetters" | "discardLetters">;

const filterArgs = ({ kind, source, beforeMs }: LetterFilter): Args => [kind ?? "", source ?? "", beforeMs ?? ""];

/** Dead letters. One that is gone between the call that names it and the call that reads it is left out. */
export function createLetterStore({ client, keys, shared, times, intentsMax }: Store): LetterMethods {
  const keysOf = (id: string) => [keys.formerLetter(id), keys.episode(id)];
  const read = async (ids: readonly string[]): Promise<DeadLetter[]> => {
    if (ids.length === 0) return [];
    const letters = await readLettersScript(client, [...shared, ...ids.flatMap(keysOf)], [...times(), ...ids]);
    return letters.flatMap((fields, index) => parseLetter(ids[index] as string, fields));
  };
  const discard = async (ids: readonly string[], filter: LetterFilter, count?: number): Promise<number> => {
    if (ids.length === 0) return 0;
    return Number(
      await discardScript(client, [...shared, ...ids.flatMap(keysOf)], [...times(), ...filterArgs(filter), count ?? "", ...ids]),
    );
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
    async discard(id, count) {
      return (await discard([id], {}, count)) > 0;
    },
    async findLetters(filter, limit, next) {
      const [ids, goOn] = await findLettersScript(client, shared, [...times(), ...filterArgs(filter), next ?? "", limit]);
      return { ids, next: goOn || null };
    },
    discardLetters: (ids, filter) => discard(ids, filter),
  };
}
