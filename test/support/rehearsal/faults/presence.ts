import type { Fault } from "../fault.ts";
import { inNamespace, killRedis } from "./hands.ts";

/** Somebody scales a role down. */
const scaledDown = (alert: string, role: "gateway" | "proxy" | "bridge"): Fault => ({
  alert,
  async break({ kubectl, workloads }) {
    kubectl(...inNamespace, "scale", `deployment/breakwater-${role}`, "--replicas=0");
    await workloads.settled();
    return {};
  },
});

export const presence: readonly Fault[] = [
  scaledDown("BreakwaterGatewayAbsent", "gateway"),
  scaledDown("BreakwaterProxyAbsent", "proxy"),
  scaledDown("BreakwaterBridgeAbsent", "bridge"),
  {
    alert: "BreakwaterProcessStale",
    async break({ workloads }) {
      for (const pid of workloads.of.gateway.pids()) process.kill(pid, "SIGSTOP");
      return {};
    },
  },
  { alert: "BreakwaterLedgerUnread", break: killRedis },
  {
    alert: "BreakwaterVersionsDiffer",
    gateways: 2,
    firesWithinMs: 120_000,
    async break({ kubectl, workloads }) {
      const containers = [{ name: "breakwater", image: "breakwater:0.2.99" }];
      const halfWay = { spec: { paused: true, template: { spec: { containers } } } };
      kubectl(...inNamespace, "patch", "deployment", "breakwater-gateway", "-p", JSON.stringify(halfWay));
      await workloads.settled();
      return {};
    },
  },
];
