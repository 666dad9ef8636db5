// The engine's commands as functions: each with the shape of its reply. What they do, their Lua files say (src/ledger/engine/commands).
import * as v from "valibot";
import { RolledBackReply, RuleName } from "./replies-rules.ts";
import { defineScript } from "./script.ts";

const Text = v.string();
const Flag = v.picklist(["0", "1"]);
const words = (length: number) => v.pipe(v.array(Text), v.length(length));

const Sights = v.array(words(4));

const Verdicts = v.array(v.strictTuple([Text, Text, Text, Text, Text, Text, Text, Text, Text]));

/** Decides alerts. */
export const admitScript = defineScript({ command: "admit", reply: Verdicts });

/** Tells what admit would decide. */
export const foreseeScript = defineScript({ command: "foresee", reply: Verdicts });

/** Recalls how alerts of a delivery were answered. */
export const recallScript = defineScript({ command: "recall", reply: v.array(v.strictTuple([Text, Text, Text])) });

/** Applies facts. */
export const factScript = defineScript({
  command: "fact",
  reply: v.array(v.strictTuple([v.picklist(["bound", "applied", "dropped"]), Text])),
});

/** Names what is due; the lease then comes with the keys of what was named, and looks again. */
export const dueScript = defineScript({
  command: "due",
  reply: v.strictTuple([
    ...[v.array(Text), v.array(Text), v.array(Text), v.array(Text), Flag, Text, v.array(Text), Sights],
    v.array(RolledBackReply),
  ] as const),
});

/** Hands out what is due. */
export const leaseScript = defineScript({
  command: "lease",
  reply: v.strictTuple([v.array(words(6)), v.array(v.pipe(v.array(Text), v.minLength(12))), Text]),
});

/** Takes back what was leased. */
export const settleScript = defineScript({ command: "settle", reply: Text });

/** Names what is due; the sweep then comes with the keys of what was named, and looks again. */
export const dueWindowsScript = defineScript({ command: "due-windows", reply: v.array(Text) });

/** Names the members that a sweep has to deal with. */
export const dueMembersScript = defineScript({ command: "due-members", reply: v.array(v.array(Text)) });

/** Deals with windows that are due. */
export const sweepScript = defineScript({ command: "sweep", reply: Flag });

/** Notes that a watch is alive. */
export const heartbeatScript = defineScript({ command: "heartbeat", reply: Text });

/** Names windows. */
export const listWindowsScript = defineScript({ command: "list-windows", reply: v.strictTuple([Text, v.array(Text)]) });

/** Counts anew how many alerts wait. */
export const recountScript = defineScript({ command: "recount", reply: Flag });

/** Reads windows. */
export const readWindowsScript = defineScript({ command: "read-windows", reply: v.array(v.array(Text)) });

/** Names members of a window. */
export const readMembersScript = defineScript({ command: "read-members", reply: v.array(Text) });

/** Reads what requests would be made from. */
export const readDraftsScript = defineScript({ command: "read-drafts", reply: v.array(Text) });

/** Names the objects of a group's storms. */
export const knownUidsScript = defineScript({ command: "known-uids", reply: v.array(Text) });

/** Makes a window due now. */
export const flushScript = defineScript({ command: "flush", reply: Flag });

/** Reads what became of a fingerprint. */
export const receiptScript = defineScript({ command: "receipt", reply: v.array(Text) });

/** Reads what became of a window's request. */
export const windowStepsScript = defineScript({ command: "window-steps", reply: v.array(Text) });

/** Names dead letters. */
export const listLettersScript = defineScript({ command: "list-letters", reply: v.strictTuple([Text, v.array(Text)]) });

/** Reads dead letters. */
export const readLettersScript = defineScript({ command: "read-letters", reply: v.array(v.array(Text)) });

/** Names dead letters of a kind, a source and an age. */
export const findLettersScript = defineScript({ command: "find-letters", reply: v.strictTuple([v.array(Text), Text]) });

/** Forgets dead letters. */
export const discardScript = defineScript({ command: "discard", reply: v.pipe(Text, v.digits()) });

/** Opens the intent of a dead letter again. */
export const replayScript = defineScript({ command: "replay", reply: v.picklist(["opened", "full", "invalid", "unknown"]) });

/** Reads what waits, and every counter. */
export const surveyScript = defineScript({
  command: "survey",
  reply: v.tupleWithRest([Text, Text, v.array(Text)], Text),
});

/** Reads counters. */
export const countersScript = defineScript({ command: "counters", reply: v.array(Text) });

/** Reads how the features stand. */
export const readFlagsScript = defineScript({
  command: "read-flags",
  reply: v.strictTuple([Sights, v.array(Text), v.array(Text), v.array(Text)]),
});

/** Overrides a share. */
export const setFlagScript = defineScript({ command: "set-flag", reply: v.union([v.literal(""), v.pipe(Text, v.digits()), RuleName]) });
