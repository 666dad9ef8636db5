import { beforeAll, describe, expect, it } from "vitest";

export type Execute = (command: string[]) => Promise<{ readonly result: unknown } | { readonly error: string }>;

/** A Redis, and words for keys that nobody else uses. */
export interface ScriptHost {
  readonly execute: Execute;
  key(word: string): string;
}

/** What the engine's scripts can see of whatever runs them. */
export function scriptSurroundingsContract(name: string, open: () => Promise<ScriptHost>): void {
  let host: ScriptHost;
  const answer = (script: string, keys: string[] = [], args: string[] = []) =>
    host.execute(["EVAL", script, String(keys.length), ...keys, ...args]);
  const result = async (script: string, keys: string[] = [], args: string[] = []) => {
    const answered = await answer(script, keys, args);
    return "result" in answered ? answered.result : expect.fail(answered.error);
  };
  const refusal = async (script: string, keys: string[] = [], args: string[] = []) => {
    const answered = await answer(script, keys, args);
    return "error" in answered ? answered.error : expect.fail(`no error but ${JSON.stringify(answered.result)}`);
  };
  beforeAll(async () => {
    host = await open();
  });

  describe(`strings in scripts on ${name}`, () => {
    it("are the bytes that were sent, also those of NUL and of 8-bit text", async () => {
      const text = "a\0b é ✓ 😀";
      expect(await result("return { #ARGV[1], string.byte(ARGV[1], 1, -1) }", [], [text])).toEqual([
        Buffer.byteLength(text),
        ...Buffer.from(text),
      ]);
      expect(await result("return ARGV[1]", [], [text])).toBe(text);
      expect(await result("return KEYS[1] .. '|' .. ARGV[1]", ["k\0é"], [text])).toBe(`k\0é|${text}`);
    });

    it("keep every byte while they are stored", async () => {
      const all = "local all = {} for i = 0, 255 do all[i + 1] = string.char(i) end all = table.concat(all)";
      const check = `${all} redis.call('HSET', KEYS[1], all, all .. all) local held = redis.call('HGETALL', KEYS[1])
        return { #held[1], held[1] == all and 1 or 0, held[2] == all .. all and 1 or 0, redis.call('HGET', KEYS[1], all) == held[2] and 1 or 0 }`;
      expect(await result(check, [host.key("bytes")])).toEqual([256, 1, 1, 1]);
    });

    it("may be half characters, which are told as U+FFFD", async () => {
      expect(await result("return { #string.sub(ARGV[1], 1, 1), string.sub(ARGV[1], 1, 1), '\\255' }", [], ["é"])).toEqual([
        1,
        "\ufffd",
        "\ufffd",
      ]);
    });

    it("are compared and sorted as bytes", async () => {
      const members = ["", "Z", "a", "é", "\u{10000}", "\uffff", "~", "\0"];
      const byBytes = members.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      const script =
        "for _, member in ipairs(ARGV) do redis.call('ZADD', KEYS[1], 0, member) end return redis.call('ZRANGEBYLEX', KEYS[1], '-', '+')";
      expect(await result(script, [host.key("lex")], members)).toEqual(byBytes);
      expect(await result("return { ARGV[1] < ARGV[2] and 1 or 0 }", [], ["\uffff", "\u{10000}"])).toEqual([1]);
    });

    it("may be megabytes", async () => {
      const large = "é".repeat(1_000_000);
      expect(await result("return ARGV[1] .. 'x'", [], [large])).toBe(`${large}x`);
    });
  });

  describe(`values of scripts on ${name}`, () => {
    it.each([
      ["numbers are cut to integers", "return { 1.9, -1.9, 3, 0.5, 2^53 }", [1, -1, 3, 0, 2 ** 53]],
      ["an array ends at nil", "return { 1, nil, 3 }", [1]],
      ["true is 1 and false is nothing", "return { true, false, 'x' }", [1, null, "x"]],
      ["nothing is nothing", "return nil", null],
      ["arrays nest", "return { {}, { { 'a' } } }", [[], [["a"]]]],
      ["fields that are no places are left out", "return { 'a', b = 'c' }", ["a"]],
      ["a status is its text", "return redis.status_reply('FINE')", "FINE"],
      ["only the first value counts", "return 1, 2", 1],
    ])("%s", async (_, script, value) => {
      expect(await result(script)).toEqual(value);
    });

    it.each([
      [
        "a missing hash field",
        "return type(redis.call('HGET', KEYS[1], 'a')) .. tostring(redis.call('HGET', KEYS[1], 'a'))",
        "booleanfalse",
      ],
      [
        "missing fields among others",
        "local held = redis.call('HMGET', KEYS[1], 'a', 'b') return #held .. tostring(held[1]) .. tostring(held[2])",
        "2falsefalse",
      ],
      ["a missing score", "return tostring(redis.call('ZSCORE', KEYS[1], 'a'))", "false"],
      ["a key that is not there", "return #redis.call('HGETALL', KEYS[1]) .. #redis.call('ZRANGE', KEYS[1], 0, -1)", "00"],
      ["a status of a command", "local set = redis.call('SET', KEYS[1], 'x') return type(set) .. set.ok", "tableOK"],
    ])("%s is as Redis tells it", async (word, script, value) => {
      expect(await result(script, [host.key(word)])).toBe(value);
    });

    it("are passed on to commands with all their digits", async () => {
      const script = `redis.call('HSET', KEYS[1], 'a', 1/3, 'b', 2^53, 'c', 1e20, 'd', 1e-5, 'e', -0.5, 'f', 1e17, 'g', 123456.789, 'h', 0.0001)
        return redis.call('HMGET', KEYS[1], 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')`;
      expect(await result(script, [host.key("digits")])).toEqual([
        "0.33333333333333331",
        "9007199254740992",
        "1e+20",
        "1.0000000000000001e-05",
        "-0.5",
        "1e+17",
        "123456.789",
        "0.0001",
      ]);
    });

    it("are read from text as C reads them", async () => {
      expect(
        await result(
          "return { tostring(tonumber('0x10')), tostring(tonumber('')), tostring(tonumber(' 1 ')), tostring(1e15), 2^53 .. '' }",
        ),
      ).toEqual(["16", "nil", "1", "1e+15", "9.007199254741e+15"]);
    });
  });

  describe(`names in scripts on ${name}`, () => {
    const READONLY = /^ERR user_script:1: Attempt to modify a readonly table script: [0-9a-f]{40}, on @user_script:1\.$/;

    it.each(["a = 1", "function a() end", "_G.a = 1", "string.format = nil", "redis.call = nil", "KEYS = {}", "table.new = 1"])(
      "are not created or changed for others: %s",
      async (script) => {
        expect(await refusal(script)).toMatch(READONLY);
        expect(await result("return { type(string.format), type(redis.call), type(KEYS) }")).toEqual(["function", "function", "table"]);
      },
    );

    it.each(["a", "print", "os", "io", "require", "dofile", "_G.a", "getfenv", "setfenv", "debug"])(
      "do not exist unless Redis gives them: %s",
      async (named) => {
        expect(await refusal(`return tostring(${named})`)).toMatch(
          /^ERR user_script:1: Script attempted to access nonexistent global variable '\w+' script: /,
        );
      },
    );

    it("of a script are its own each time it runs", async () => {
      const script = "local count = (KEYS[2] or 0) + 1 KEYS[2] = count return count";
      expect([await result(script, [host.key("own")]), await result(script, [host.key("own")])]).toEqual([1, 1]);
    });
  });

  describe(`errors in scripts on ${name}`, () => {
    it.each<[string, string, RegExp]>([
      [
        "of Lua",
        "\nlocal a\nreturn a.b",
        /^ERR user_script:3: attempt to index local 'a' \(a nil value\) script: [0-9a-f]{40}, on @user_script:3\.$/,
      ],
      [
        "of a type",
        "\nreturn {} < 1",
        /^ERR user_script:2: attempt to compare table with number script: [0-9a-f]{40}, on @user_script:2\.$/,
      ],
      ["of their own", "error('boom')", /^ERR user_script:1: boom script: [0-9a-f]{40}, on @user_script:1\.$/],
      ["of their own with a word", "error({ err = 'MINE boom' })", /^MINE boom script: /],
      ["as a reply", "return redis.error_reply('MINE boom')", /^MINE boom$/],
      [
        "of a command",
        "\nreturn redis.call('NOPE')",
        /^ERR Unknown Redis command called from script script: [0-9a-f]{40}, on @user_script:2\.$/,
      ],
      ["of arguments", "return redis.call('HGET', 'a')", /^ERR Wrong number of args calling Redis command from script script: /],
      ["of no argument", "return redis.call()", /^ERR Please specify at least one argument for this redis lib call script: /],
      [
        "of an argument that is no text",
        "return redis.call('HGET', {}, 'a')",
        /^ERR Lua redis lib command arguments must be strings or integers script: /,
      ],
      ["of a number that is none", "return redis.call('PEXPIRE', KEYS[1], 'x')", /^ERR value is not an integer or out of range script: /],
      ["of a score that is none", "return redis.call('ZADD', KEYS[1], 'x', 'y')", /^ERR value is not a valid float script: /],
      [
        "of a range that is none",
        "return redis.call('ZRANGEBYLEX', KEYS[1], 'a', '+')",
        /^ERR min or max not valid string range item script: /,
      ],
      [
        "of a range of scores that is none",
        "return redis.call('ZRANGEBYSCORE', KEYS[1], 'a', 1)",
        /^ERR min or max is not a float script: /,
      ],
      ["of syntax", "return (", /^ERR Error compiling script \(new function\): user_script:1: unexpected symbol near '<eof>'$/],
    ])("%s are told with their place", async (word, script, error) => {
      expect(await refusal(script, [host.key(word)])).toMatch(error);
    });

    it("name the line of the call, however deep", async () => {
      const script =
        "redis.call('SET', KEYS[1], 'x')\nlocal function deep()\n  redis.call('HGET', KEYS[1], 'a')\n  return 1\nend\n\nlocal got = deep()\nreturn got";
      expect(await refusal(script, [host.key("deep")])).toMatch(
        /^WRONGTYPE Operation against .* value script: [0-9a-f]{40}, on @user_script:3\.$/,
      );
    });

    it.each(["HGET", "HSET", "HINCRBY", "HGETALL"])("of a wrong type come from %s of a sorted set", async (command) => {
      const args = { HGET: "'a'", HSET: "'a', 'b'", HINCRBY: "'a', 1", HGETALL: "" }[command];
      const script = `redis.call('ZADD', KEYS[1], 1, 'a') return redis.call('${command}', KEYS[1]${args ? `, ${args}` : ""})`;
      expect(await refusal(script, [host.key(command)])).toMatch(/^WRONGTYPE /);
    });

    it.each(["ZADD', KEYS[1], 1, 'a'", "ZSCORE', KEYS[1], 'a'", "ZRANGE', KEYS[1], 0, 1", "ZCARD', KEYS[1]"])(
      "of a wrong type come from %s of a hash",
      async (command) => {
        expect(await refusal(`redis.call('HSET', KEYS[1], 'a', 'b') return redis.call('${command})`, [host.key(command)])).toMatch(
          /^WRONGTYPE /,
        );
      },
    );

    it("leave what was written before them", async () => {
      const key = host.key("half");
      await refusal("redis.call('HSET', KEYS[1], 'a', '1') error('boom')", [key]);
      expect(await result("return redis.call('HGET', KEYS[1], 'a')", [key])).toBe("1");
    });

    it("can be caught, as text", async () => {
      const script =
        "local ok, error = pcall(redis.call, 'NOPE') local own, boom = pcall(function() error('boom') end) return { tostring(ok), error, tostring(own), boom }";
      expect(await result(script.replace("ok, error", "ok, told").replace("error, tostring", "told, tostring"))).toEqual([
        "false",
        "ERR Unknown Redis command called from script",
        "false",
        "user_script:1: boom",
      ]);
      expect(await result("return redis.pcall('NOPE').err")).toBe("ERR Unknown Redis command called from script");
    });
  });

  describe(`runs of scripts on ${name}`, () => {
    it("go by the hash of a script that was sent before, else NOSCRIPT", async () => {
      const script = `return '${host.key("once")}'`;
      const digest = await crypto.subtle.digest("SHA-1", Buffer.from(script));
      const sha = Buffer.from(digest).toString("hex");
      expect(await host.execute(["EVALSHA", sha, "0"])).toMatchObject({ error: expect.stringMatching(/^NOSCRIPT /) });
      await result(script);
      expect(await host.execute(["EVALSHA", sha, "0"])).toEqual({ result: host.key("once") });
      expect(await host.execute(["EVALSHA", sha.toUpperCase(), "0"])).toEqual({ result: host.key("once") });
    });

    it("read the time as seconds and microseconds, in text", async () => {
      const script =
        "local told = redis.call('TIME') return { #told, string.match(told[1], '^%d+$') and 1 or 0, string.match(told[2], '^%d+$') and 1 or 0 }";
      expect(await result(script)).toEqual([2, 1, 1]);
    });

    it("lose no key from beginning to end, however long they take: time stands still for what expires", async () => {
      const script = `redis.call('SET', KEYS[1], 'x') redis.call('PEXPIRE', KEYS[1], 1)
        local sum = 0 for i = 1, 1000000 do sum = sum + i end
        return { redis.call('EXISTS', KEYS[1]), redis.call('GET', KEYS[1]) }`;
      expect(await result(script, [host.key("still")])).toEqual([1, "x"]);
    });

    it("give keys their lives, which rewriting leaves and a new key does not have", async () => {
      const script = `redis.call('HSET', KEYS[1], 'a', 1) local told = { redis.call('PTTL', KEYS[1]), redis.call('PEXPIRE', KEYS[1], 60000) }
        redis.call('HSET', KEYS[1], 'b', 1) told[3] = redis.call('PTTL', KEYS[1])
        redis.call('HDEL', KEYS[1], 'a', 'b') redis.call('HSET', KEYS[1], 'a', 1) told[4] = redis.call('PTTL', KEYS[1])
        told[5], told[6] = redis.call('PEXPIRE', KEYS[1], '60000'), redis.call('PERSIST', KEYS[1])
        told[7], told[8] = redis.call('PERSIST', KEYS[1]), redis.call('PTTL', KEYS[1])
        told[9], told[10] = redis.call('PEXPIRE', KEYS[2], 1), redis.call('PTTL', KEYS[2])
        told[11], told[12] = redis.call('PEXPIRE', KEYS[1], 0), redis.call('EXISTS', KEYS[1]) return told`;
      expect(await result(script, [host.key("lives"), host.key("none")])).toEqual([-1, 1, 60_000, -1, 1, 1, 0, -1, 0, -2, 1, 0]);
    });
  });
}
