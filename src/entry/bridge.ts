import { scriptSource } from "../adapters/redis/engine.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { SHEBANG } from "../bridge/allowed-script.ts";
import { createBridge } from "../bridge/bridge.ts";
import { connectRedis } from "../bridge/connection.ts";
import type { BridgeRoleConfig } from "../config/config.ts";
import { answeredWithin } from "../flows/answered-within.ts";
import { COMMANDS } from "../ledger/engine/bundle.ts";
import { type CommandName, engineScript } from "../ledger/engine/script.ts";
import { createBridgeMetrics } from "../metrics/bridge-metrics.ts";
import type { Log } from "../ports/log.ts";
import { redisAccess } from "./redis-access.ts";
import type { Role } from "./role.ts";

/**
 * The bridge in a process: one connection to Redis, behind HTTP. Waits for Redis, but not for long, so that the first look at readiness finds it. Rejects
 * where a file that it needs cannot be read.
 */
export async function openBridge({ bridge, server }: BridgeRoleConfig, log: Log): Promise<Role> {
  const connection = connectRedis(redisAccess(bridge.target), bridge.timeoutMs, log);
  await answeredWithin(connection.ready(), bridge.timeoutMs);
  const { tokens, readTokenSha256 } = bridge;
  const { fetch } = createBridge({
    ...{ commands: connection, tokens, readTokenSha256, log, now: systemClock.now, isOwnScript: ownScripts() },
    metrics: createBridgeMetrics(),
  });
  return { servers: [{ ...server, fetch }], started: () => "", stop: async () => {} };
}

/** Knows the scripts of this version's engine, with and without the line that only Upstash wants. */
function ownScripts(): (lua: string) => boolean {
  let own: ReadonlySet<string> | undefined;
  return (lua) => {
    own ??= new Set((Object.keys(COMMANDS) as CommandName[]).map((name) => scriptSource("redis", engineScript(name).text)));
    return own.has(lua.replace(SHEBANG, ""));
  };
}
