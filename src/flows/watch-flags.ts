import type { FlagSight, Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";

/** How the features of a cluster stood when they were last seen. */
export interface FlagMemory {
  last: readonly FlagSight[];
}

/**
 * The same ledger, whose leases bring along which overrides this process has seen, so that a store that has lost one can say so. The log tells once
 * that one was lost, that gateways have different settings, and that an override has changed.
 */
export const watchingFlags = (ledger: Ledger, cluster: string, memory: FlagMemory, log: Log): Ledger => ({
  ...ledger,
  async lease(limit, _, troubled) {
    const lease = await ledger.lease(
      limit,
      memory.last.map(({ override }) => override),
      troubled,
    );
    for (const [at, sight] of lease.flags.entries()) tell(sight, memory.last[at], cluster, log);
    memory.last = lease.flags;
    return lease;
  },
});

function tell(sight: FlagSight, before: FlagSight | undefined, cluster: string, log: Log): void {
  const { feature, percent, setting, lowestSetting, override, lost } = sight;
  const told = { cluster, feature, percent };
  if (lost && lost.atMs !== before?.lost?.atMs) log.warn("flag-override-lost", { ...told, overridePercent: lost.percent });
  if (lowestSetting < setting && lowestSetting !== before?.lowestSetting)
    log.warn("flag-settings-differ", { ...told, settingPercent: setting, lowestSettingPercent: lowestSetting });
  if (override && override.atMs !== before?.override?.atMs) log.info("flag-overridden", { ...told, overridePercent: override.percent });
}
