import { createBridge } from "../bridge/bridge.ts";
import { connectRedis } from "../bridge/connection.ts";
import type { BridgeRoleConfig } from "../config/config.ts";
import type { Log } from "../ports/log.ts";
import type { Role } from "./role.ts";

/** The bridge in a process: one connection to Redis, behind HTTP. */
export function openBridge({ bridge, server }: BridgeRoleConfig, log: Log): Role {
  const connection = connectRedis(bridge.target, bridge.timeoutMs, log);
  const { fetch } = createBridge({ commands: connection, token: bridge.token, log });
  return { servers: [{ ...server, fetch }], started: () => "", stopping: () => {}, stop: async () => {} };
}
