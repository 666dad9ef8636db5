import type { Script } from "../../src/adapters/redis/script.ts";

/** By which hash a script is called, heard of a call that goes nowhere. */
export async function shaOf(script: Script<unknown>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const evalsha = async (sha: string) => {
    resolve(sha);
    throw new Error("goes nowhere");
  };
  script({ redis: { evalsha, eval: evalsha }, engine: "redis" }, [], []).catch(() => {});
  return promise;
}
