import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RedisUnanswered } from "../../../src/bridge/commands.ts";
import { type Connection, connectRedis, executeCommand } from "../../../src/bridge/connection.ts";
import { accessTo } from "../../support/redis-access.ts";

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const open: { server?: Server; connection?: Connection } = {};

/** A server that speaks just enough of the Redis protocol to be ready; `answer` deals with everything else. */
async function listen(answer: (command: string, socket: Socket) => void, loaded = true): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const words = data.toString().split("\r\n");
      if (words.includes("INFO")) socket.write(`$9\r\nloading:${loaded ? 0 : 1}\r\n`);
      else answer(words.filter((word) => /^\w/.test(word)).join(" "), socket);
    });
  });
  open.server = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `redis://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function connect(url: string, timeoutMs = 1_000): Connection {
  open.connection = connectRedis(accessTo(url), timeoutMs, log);
  return open.connection;
}

afterEach(() => {
  open.connection?.close();
  open.server?.close();
});

describe("the connection to Redis", () => {
  it("never sends a command again whose connection broke before the answer", async () => {
    const seen: string[] = [];
    const connection = connect(
      await listen((command, socket) => {
        seen.push(command);
        if (command.includes("incr")) socket.destroy();
        else socket.write("+PONG\r\n");
      }),
    );
    await connection.ready();
    await expect(connection.run(["incr", "k"])).rejects.toThrow(RedisUnanswered);
    await connection.ready();
    expect(await executeCommand(connection, ["ping"])).toEqual({ result: "PONG" });
    expect(seen).toEqual(["incr k", "ping"]);
  });

  it("fails at once while there is no connection, and keeps nothing for later", async () => {
    const seen: string[] = [];
    const connection = connect(await listen((command) => void seen.push(command), false), 60_000);
    await expect(connection.run(["SET", "k", "v"])).rejects.toThrow(RedisUnanswered);
    await expect(connection.transaction([["SET", "k", "v"]])).rejects.toThrow(RedisUnanswered);
    expect(seen).toEqual([]);
  });

  it("gives up on a silent server after the time given", async () => {
    const connection = connect(await listen(() => {}), 50);
    await connection.ready();
    await expect(connection.run(["GET", "k"])).rejects.toThrow(RedisUnanswered);
  });

  it("tells an error of Redis from no answer", async () => {
    const connection = connect(await listen((_, socket) => socket.write("-ERR no\r\n")));
    await connection.ready();
    expect(await connection.run(["GET", "k"])).toEqual({ error: "ERR no" });
  });

  it("connects anew to a server that has become a replica, so that an address which follows the master leads to it", async () => {
    const sockets = new Set<Socket>();
    const connection = connect(
      await listen((_, socket) => {
        sockets.add(socket);
        socket.write(sockets.size === 1 ? "-READONLY You can't write against a read only replica.\r\n" : "+OK\r\n");
      }),
    );
    await connection.ready();
    expect(await connection.run(["SET", "k", "v"])).toEqual({ error: "READONLY You can't write against a read only replica." });
    await vi.waitFor(async () => expect(await executeCommand(connection, ["SET", "k", "v"])).toEqual({ result: "OK" }));
  });

  it("lets others pass while a WAIT blocks the connection that it has for that", async () => {
    const waiting: Socket[] = [];
    const connection = connect(
      await listen((command, socket) => {
        if (/SET|GET/.test(command)) socket.write("+OK\r\n");
        if (command.includes("WAIT")) waiting.push(socket);
      }),
    );
    await connection.ready();
    const apart = [
      ["SET", "k", "v"],
      ["WAIT", "1", "500"],
    ].map((command) => executeCommand(connection, command, "apart"));
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    expect(await executeCommand(connection, ["GET", "k"])).toEqual({ result: "OK" });
    waiting[0]?.write(":1\r\n");
    expect(await Promise.all(apart)).toEqual([{ result: "OK" }, { result: 1 }]);
  });

  it("logs what failed without naming the address", async () => {
    const connection = connect("redis://:s3cret@127.0.0.1:1");
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledWith("redis-connection-failed", { code: "ECONNREFUSED" }));
    connection.close();
    expect(JSON.stringify(log.warn.mock.calls)).not.toMatch(/s3cret|127\.0\.0\.1/);
  });
});
