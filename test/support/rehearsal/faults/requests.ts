import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { SHOP } from "../world.ts";
import { alerts, apart, freeze, nameless, nameOf, redis, set, setPhase, untilDenied, withoutRights, withoutWriting } from "./hands.ts";

/** A right is missing by which a drain finds out what is due. */
const WITHOUT_DUE = "acl setuser breakwater -zrangebyscore";

export const requests: readonly Fault[] = [
  {
    alert: "BreakwaterRequestsStuck",
    async break(world) {
      withoutRights(world);
      await world.send(...alerts("stuck", 6));
      return {};
    },
  },
  {
    alert: "BreakwaterRequestLate",
    async break(world) {
      const variables = freeze(world);
      await untilDenied(world);
      await world.send(...alerts("late", 1));
      return variables;
    },
  },
  {
    alert: "BreakwaterNobodyDrains",
    async break(world) {
      withoutRights(world);
      await world.send(...alerts("undrained", 3));
      await redis(world, WITHOUT_DUE);
      return {};
    },
  },
  {
    alert: "BreakwaterNobodySweeps",
    async break(world) {
      await set(world, "STORM_FIRST_REQUEST_SECONDS=5");
      await world.send(...apart("unswept", 2));
      await redis(world, WITHOUT_DUE);
      return {};
    },
  },
  {
    alert: "BreakwaterTriesFail",
    async break(world) {
      const variables = freeze(world);
      await untilDenied(world);
      return variables;
    },
    load: ({ send }, second) => (second < 30 ? send(...alerts(`tried-${second}`, 1)) : Promise.resolve()),
  },
  {
    alert: "BreakwaterDeadLetters",
    async break({ kubectl, send }) {
      // A definition of somebody else's that takes less than this one.
      const path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/signalName/maxLength";
      const shorter = JSON.stringify([{ op: "replace", path, value: 5 }]);
      kubectl("patch", "crd", "remediationrequests.remediation.kubernaut.io", "--type=json", "-p", shorter);
      await send(...alerts("refused", 1));
      return {};
    },
  },
  {
    alert: "BreakwaterInvalidAlerts",
    firesWithinMs: 90_000,
    async break({ send }) {
      await send({ status: "firing", labels: { namespace: SHOP, pod: "nameless" } });
      return {};
    },
  },
  {
    alert: "BreakwaterDeadLettersDropped",
    endsWithinMs: 180_000,
    async break({ send }) {
      await send(...nameless(0, 1_001));
      return {};
    },
    load: ({ send }, second) => (second < 10 ? send(...nameless(2_000 + second * 10, 10)) : Promise.resolve()),
  },
  {
    alert: "BreakwaterCountsLate",
    async break(world) {
      await world.send(...alerts("counted", 3));
      await world.send(...alerts("counted", 3));
      await redis(world, WITHOUT_DUE);
      return {};
    },
  },
  {
    alert: "BreakwaterCountsFail",
    async break(world) {
      await world.send(...alerts("counted", 30));
      withoutWriting(world);
      await sleep(1_000);
      await world.send(...alerts("counted", 30));
      return {};
    },
  },
  {
    alert: "BreakwaterCountsLost",
    endsWithinMs: 180_000,
    async break({ kubectl }) {
      kubectl(
        "create",
        "clusterrole",
        "cleaner",
        "--verb=deletecollection,delete,list",
        "--resource=remediationrequests.remediation.kubernaut.io",
      );
      kubectl("create", "clusterrolebinding", "cleaner", "--clusterrole=cleaner", "--user=cleaner");
      return { BINDING: "cleaner" };
    },
    async load(world, second) {
      // Seen once, seen twice, and gone before that was written.
      await world.send(...alerts(`cleaned-${second}`, 4));
      await world.send(...alerts(`cleaned-${second}`, 4));
      world.kubectl("--as=cleaner", "-n", SHOP, "delete", "remediationrequests", "--all", "--wait=false");
    },
  },
  {
    alert: "BreakwaterConservationLost",
    async break(world) {
      await world.send(...nameless(0, 5));
      await redis(world, "del 'bw1:{default}:letters:index'");
      return {};
    },
  },
  {
    alert: "BreakwaterLedgerForgot",
    endsWithinMs: 180_000,
    async break(world) {
      withoutRights(world);
      await world.send(...alerts("dropped", 3));
      await world.shell('redis-cli -u "$REDIS_URL" --scan --pattern \'bw1:{default}:episode:*\' | xargs redis-cli -u "$REDIS_URL" del\n');
      world.kubectl("apply", "-k", "deploy");
      return {};
    },
  },
  {
    alert: "BreakwaterCollisions",
    endsWithinMs: 90_000,
    async break({ kubectl }) {
      const status = "remediationrequests.remediation.kubernaut.io/status";
      kubectl(
        "create",
        "clusterrole",
        "reopener",
        "--verb=patch,get,list",
        `--resource=${status},remediationrequests.remediation.kubernaut.io`,
      );
      kubectl("create", "clusterrolebinding", "reopener", "--clusterrole=reopener", "--user=reopener");
      return { NAMESPACE: SHOP, BINDING: "reopener" };
    },
    async load(world, second) {
      // One ends, the next is made, and somebody has the first one gone on with.
      await world.send(...alerts(`reopened-${second}`, 1));
      const first = nameOf(await world.send(...alerts(`reopened-${second}`, 1)));
      setPhase(world, first, "Completed");
      await sleep(500);
      await world.send(...alerts(`reopened-${second}`, 1));
      setPhase(world, first, "Processing", "--as=reopener");
    },
  },
  {
    alert: "BreakwaterRequestsObjective",
    firesWithinMs: 120_000,
    endsWithinMs: 900_000, // the longest of the short windows
    async break(world) {
      await set(world, "STORM_FIRST_REQUEST_SECONDS=55");
      await world.send(...apart("waits", 6));
      return {};
    },
  },
];
