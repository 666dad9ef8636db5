import { describe, expect, it } from "vitest";
import { openEmbeddedRedis } from "../support/embedded-ledger.ts";
import { scriptSurroundingsContract } from "./script-surroundings.contract.ts";

scriptSurroundingsContract("the embedded Redis", async () => {
  const { execute } = openEmbeddedRedis(() => 1_800_000_000_123);
  return { execute, key: (word) => word };
});

describe("the embedded Redis", () => {
  it("has none of the libraries that Redis adds to Lua, so that no script comes to need one", async () => {
    const { execute } = openEmbeddedRedis(() => 0);
    for (const library of ["cjson", "cmsgpack", "bit", "struct"])
      expect(await execute(["EVAL", `return ${library}`, "0"])).toMatchObject({ error: expect.stringContaining("nonexistent global") });
  });

  it("has keys of its own in each that is opened", async () => {
    const [one, other] = [openEmbeddedRedis(() => 0), openEmbeddedRedis(() => 0)];
    await one.execute(["SET", "a", "1"]);
    expect([await one.execute(["GET", "a"]), await other.execute(["GET", "a"])]).toEqual([{ result: "1" }, { result: null }]);
  });

  it("takes its time from the clock, and forgets keys whose life is over, whoever asks", async () => {
    let nowMs = 1_700_000_000_999;
    const { execute } = openEmbeddedRedis(() => nowMs);
    expect(await execute(["TIME"])).toEqual({ result: ["1700000000", "999000"] });
    await execute(["SET", "a", "1"]);
    await execute(["PEXPIRE", "a", "100"]);
    nowMs += 99;
    expect(await execute(["GET", "a"])).toEqual({ result: "1" });
    nowMs += 1;
    expect(await execute(["GET", "a"])).toEqual({ result: null });
  });
});
