import { describe, expect, it } from "vitest";
import { directions, packages, platform } from "./rules.ts";
import { docstrings, fileLengths } from "./shape.ts";
import type { SourceFile } from "./source-file.ts";

const file = (path: string, text: string): SourceFile => ({ path, text });

describe("the rule of directions", () => {
  it.each([
    ["src/domain/a.ts", 'import { b } from "../ports/b.ts";'],
    ["src/flows/a.ts", 'import { b } from "../adapters/redis/b.ts";'],
    ["src/adapters/redis/a.ts", 'import type { B } from "../proxy/b.ts";'],
    ["src/http/a.ts", 'export * from "../config/b.ts";'],
    ["src/ports/a.ts", 'const b = await import("../flows/b.ts");'],
    ["src/domain/a.ts", 'import {\n  b,\n} from "../gateway.ts";'],
    ["src/gateway.ts", 'import "./entry/bun.ts";'],
    ["src/ledger/engine/a.ts", 'import { b } from "../../adapters/redis/b.ts";'],
    ["src/helpers/a.ts", ""],
  ])("catches %s with %j", (path, text) => {
    expect(directions([file(path, text)])).toHaveLength(1);
  });

  it.each([
    ["src/flows/a.ts", 'import type { B } from "../ports/b.ts";'],
    ["src/adapters/redis/a.ts", 'import { b } from "../../ledger/engine/script.ts";'],
    ["src/gateway.ts", 'import { b } from "./adapters/redis/ledger.ts";'],
    ["src/domain/a.ts", '// import { b } from "../http/b.ts";'],
  ])("allows %s with %j", (path, text) => {
    expect(directions([file(path, text)])).toEqual([]);
  });
});

describe("the rule of the platform", () => {
  it.each([
    ["src/flows/a.ts", "const now = Date.now();"],
    ["src/domain/a.ts", "const now = new Date();"],
    ["src/config/a.ts", "const url = process.env.URL;"],
    ["src/bridge/a.ts", 'import { readFileSync } from "node:fs";'],
    ["src/http/a.ts", "Bun.serve({});"],
    ["src/adapters/kubernetes/client.ts", 'const { readFile } = await import("node:fs/promises");'],
  ])("catches %s with %j", (path, text) => {
    expect(platform([file(path, text)])).toHaveLength(1);
  });

  it.each([
    ["src/config/a.ts", 'const meaning = "in one process.";'],
    ["src/entry/a.ts", 'import { env } from "node:process"; Date.now();'],
    ["src/adapters/system/clock.ts", "Date.now();"],
    ["src/adapters/kubernetes/credentials.ts", 'import { readFileSync } from "node:fs";'],
    ["src/flows/a.ts", "/** Never Date.now. */\nconst at = new Date(nowMs); processed.all();"],
  ])("allows %s with %j", (path, text) => {
    expect(platform([file(path, text)])).toEqual([]);
  });
});

describe("the rule of libraries", () => {
  it.each([
    ["src/config/a.ts", 'import * as z from "zod/mini";'],
    ["src/adapters/redis/ledger.ts", 'import { Redis } from "@upstash/redis/cloudflare";'],
    ["src/adapters/redis/client.ts", 'import { Redis } from "ioredis";'],
    ["src/proxy.ts", 'import type { KubeConfig } from "@kubernetes/client-node";'],
    ["src/adapters/proxy/a.ts", 'const undici = await import("undici");'],
    ["src/entry/all.ts", 'import { LuaApi } from "wasmoon-lua5.1";'],
  ])("catches %s with %j", (path, text) => {
    expect(packages([file(path, text)])).toHaveLength(1);
  });

  it("allows a library at its home, and one without a home anywhere", () => {
    const home = file("src/adapters/redis/client.ts", 'import { Redis } from "@upstash/redis/cloudflare";');
    expect(packages([home, file("src/http/a.ts", 'import { Hono } from "hono";')])).toEqual([]);
  });
});

describe("the rules of shape", () => {
  it("catch a file that is too long", () => {
    expect(fileLengths([file("src/a.ts", "x\n".repeat(251)), file("test/a.ts", "x\n".repeat(401))])).toHaveLength(2);
    expect(fileLengths([file("src/a.ts", "x\n".repeat(250)), file("test/a.ts", "x\n".repeat(400))])).toEqual([]);
  });

  it("catch a Lua file that is too long", () => {
    const lua = (lines: number) => file("src/ledger/engine/lib/a.lua", "-- a\n".repeat(lines));
    expect(fileLengths([lua(251)])).toHaveLength(1);
    expect(fileLengths([lua(250)])).toEqual([]);
  });

  it.each(["export const a = (b: B) => {", "export async function a() {", "export class A {", "const b = 1;\nexport function* a() {"])(
    "catch the undocumented %j",
    (text) => {
      expect(docstrings([file("src/a.ts", text)])).toHaveLength(1);
      expect(docstrings([file("src/a.ts", text.replace("export", "/** Said. */\nexport"))])).toEqual([]);
    },
  );
});
