// One Lua state, in which the scripts of every embedded Redis of a process run one after the other. What a command does is not its concern.
import { LuaStack } from "./lua-stack.ts";
import { SANDBOX } from "./sandbox.ts";
import { CommandError, numberText, type Reply } from "./values.ts";
import { type LuaModule, REGISTRY, startLua, TYPE } from "./wasm.ts";

/** Runs a command of a script; strings are binary. Throws `CommandError`. */
export type CallCommand = (command: readonly string[]) => Reply;

export interface LuaState {
  /** Compiles a script, once however often it is asked to. Throws `CommandError`. */
  compile(script: string): CompiledScript;
}

/** Runs a script. Throws `CommandError`, after which what it had written stays. */
export type CompiledScript = (sha: string, keys: readonly string[], args: readonly string[], call: CallCommand) => Reply;

let state: Promise<LuaState> | undefined;

/** The process' Lua, from the WebAssembly of wasmoon-lua5.1, which is read for the first to ask. */
export const luaState = (readWasm: () => Promise<Uint8Array<ArrayBuffer>>): Promise<LuaState> =>
  (state ??= readWasm()
    .then(startLua)
    .then((lua) => new State(lua)));

class State implements LuaState {
  readonly #lua: LuaModule;
  readonly #state: number;
  readonly #stack: LuaStack;
  readonly #scripts = new Map<string, CompiledScript>();
  readonly #run: number;
  readonly #surround: number;
  #call: CallCommand = () => null;

  constructor(lua: LuaModule) {
    this.#lua = lua;
    this.#state = lua.luaL_newstate();
    this.#stack = new LuaStack(lua, this.#state);
    lua.luaL_openlibs(this.#state);
    this.#load(SANDBOX, "=sandbox");
    const raising = lua.addFunction(() => this.#command(true));
    const plain = lua.addFunction(() => this.#command(false));
    const command = lua.addFunction((at) => {
      lua.lua_pushcclosure(at, lua.lua_toboolean(at, 1) ? raising : plain, 0);
      return 1;
    });
    lua.lua_pushcclosure(this.#state, command, 0);
    if (lua.lua_pcall(this.#state, 1, 2, 0) !== 0) throw new Error(`the sandbox of Lua is broken: ${this.#stack.string(-1)}`);
    this.#surround = lua.luaL_ref(this.#state, REGISTRY);
    this.#run = lua.luaL_ref(this.#state, REGISTRY);
  }

  compile(script: string): CompiledScript {
    const known = this.#scripts.get(script);
    if (known) return known;
    const top = this.#lua.lua_gettop(this.#state);
    this.#lua.lua_rawgeti(this.#state, REGISTRY, this.#surround);
    try {
      this.#load(script, "@user_script");
    } catch (error) {
      this.#lua.lua_settop(this.#state, top);
      throw error;
    }
    this.#lua.lua_pcall(this.#state, 1, 1, 0);
    const reference = this.#lua.luaL_ref(this.#state, REGISTRY);
    const compiled: CompiledScript = (sha, keys, args, call) => this.#runScript(reference, sha, keys, args, call);
    this.#scripts.set(script, compiled);
    return compiled;
  }

  /** Leaves the text's function on the stack. */
  #load(text: string, name: string): void {
    const lua = this.#lua;
    const bytes = lua.malloc(name.length + 1);
    lua.bytes().set(new TextEncoder().encode(`${name}\0`), bytes);
    const failed = lua.luaL_loadbuffer(this.#state, this.#stack.written(text), text.length, bytes);
    lua.free(bytes);
    if (failed) throw new CommandError(`ERR Error compiling script (new function): ${this.#stack.string(-1)}`);
  }

  #runScript(reference: number, sha: string, keys: readonly string[], args: readonly string[], call: CallCommand): Reply {
    const lua = this.#lua;
    const top = lua.lua_gettop(this.#state);
    this.#call = call;
    try {
      lua.lua_rawgeti(this.#state, REGISTRY, this.#run);
      lua.lua_rawgeti(this.#state, REGISTRY, reference);
      this.#stack.pushStrings(keys);
      this.#stack.pushStrings(args);
      // The run itself catches what the script throws; what is left is a lack of memory.
      if (lua.lua_pcall(this.#state, 3, 2, 0) !== 0) throw new CommandError(`ERR ${this.#stack.string(-1)}`);
      if (!lua.lua_toboolean(this.#state, top + 1)) throw new CommandError(this.#errorAt(top + 2, sha));
      return this.#stack.reply(top + 2);
    } finally {
      lua.lua_settop(this.#state, top);
    }
  }

  /** Where Redis says that an error comes from. */
  #errorAt(at: number, sha: string): string {
    const text = this.#stack.field(at, "err") ?? "ERR";
    const [source, line] = [this.#stack.field(at, "source"), this.#stack.field(at, "line")];
    return source === null ? text : `${text} script: ${sha}, on ${source}:${line}.`;
  }

  /** `redis.call` and `redis.pcall`. The error is thrown by Lua, in whose frames a script catches it. */
  #command(raising: boolean): number {
    const reply = this.#called();
    this.#lua.lua_settop(this.#state, 0);
    this.#stack.pushReply(reply);
    return raising && reply instanceof CommandError ? this.#lua.lua_error(this.#state) : 1;
  }

  #called(): Reply {
    try {
      return this.#call(this.#commandOnStack());
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
    }
  }

  #commandOnStack(): string[] {
    const count = this.#lua.lua_gettop(this.#state);
    if (count === 0) throw new CommandError("ERR Please specify at least one argument for this redis lib call");
    const command: string[] = [];
    for (let at = 1; at <= count; at++) command.push(this.#argument(at));
    return command;
  }

  #argument(at: number): string {
    const type = this.#lua.lua_type(this.#state, at);
    if (type === TYPE.string) return this.#stack.string(at) as string;
    if (type === TYPE.number) return numberText(this.#lua.lua_tonumber(this.#state, at));
    throw new CommandError("ERR Lua redis lib command arguments must be strings or integers");
  }
}
