import { describe, expect, it } from "vitest";
import { callsOnlyAllowed } from "../../../src/bridge/allowed-script.ts";
import { COMMANDS } from "../../../src/ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../../../src/ledger/engine/script.ts";

describe("a script that the bridge does not know", () => {
  it.each([
    "return 1",
    "return redis.call('HGET', KEYS[1], ARGV[1])",
    "local ok, time = pcall(redis.call, 'TIME') return time",
    "local x = function() if 1 then return 2 end end local function load(key) return redis.call('HGETALL', key) end return load(KEYS[1])",
    'return redis.pcall("zadd", KEYS[1], 1, "x")',
    "#!lua flags=allow-key-locking\nreturn redis.call('INFO')",
    "-- redis.call('MIGRATE')\nlocal s = 'redis.call(\"SWAPDB\")' return {redis.error_reply('no'), redis.call('TIME')}",
    "return [[redis.call('SHUTDOWN')]] --[==[ redis.call('CONFIG') ]==]",
  ])("runs where it names each command that it calls: %j", (lua) => expect(callsOnlyAllowed(lua)).toBe(true));

  it.each([
    "return redis.call('MIGRATE', 'h', 1, 'k', 0, 1)",
    "return redis.pcall('swapdb', 0, 1)",
    "return redis.call(ARGV[1])",
    "return redis.call('GET' .. 'EX', 'k')",
    "return redis.call('S\\72UTDOWN')",
    "return redis.call'CONFIG'",
    "return redis['call']('CONFIG')",
    "local call = redis.call return call('CONFIG')",
    "local r = redis return r.call('CONFIG')",
    "return pcall(redis.call, 'CONFIG')",
    "local function pcall(call) return call('CONFIG') end return pcall(redis.call, 'TIME')",
    "pcall = function(call) return call('CONFIG') end return pcall(redis.call, 'TIME')",
    "return (function(pcall) return pcall(redis.call, 'TIME') end)(ARGV)",
    "local x, pcall = 1, error return pcall(redis.call, 'TIME')",
    "return xpcall(redis.call, 'TIME')",
    "return _G['red' .. 'is'].call('CONFIG')",
    "return getfenv()['red' .. 'is'].call('CONFIG')",
    "return loadstring('return red' .. 'is.call(\"CONFIG\")')()",
    "-- a comment ends here\rreturn redis.call('CONFIG')",
    "local s = 'a\\\n' return redis.call('CONFIG')",
    "return redis. -- within\ncall('CONFIG')",
    "do local function load() end end return load(function() return ARGV[1] end)()",
    "local f = function() local function load() end end return load(f)()",
    "local g = load local function load() end return g(ARGV)",
    "local function f(load) end return load(f)()",
    "return redis.set_repl(redis.REPL_NONE)",
    "return redis.breakpoint()",
  ])("is refused where it calls another, or might: %j", (lua) => expect(callsOnlyAllowed(lua)).toBe(false));

  it("may be any of the engine's but the one that only tells what would be, so that another version's alerts pass", () => {
    const refused = (Object.keys(COMMANDS) as CommandName[]).filter((name) => !callsOnlyAllowed(engineScript(name).text));
    expect(refused).toEqual(["foresee"]);
  });
});
