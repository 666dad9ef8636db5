import type { RequestDraft } from "../../domain/remediation-request.ts";
import type { Ledger, Member, Subject } from "../../ports/ledger.ts";
import type { Args } from "./args.ts";
import {
  dueMembersScript,
  dueWindowsScript,
  flushScript,
  knownUidsScript,
  listWindowsScript,
  readDraftsScript,
  readMembersScript,
  readWindowsScript,
  receiptScript,
  recountScript,
  sweepScript,
  windowStepsScript,
} from "./commands.ts";
import { groupKeys, groupsOf, recordKey, windowIdOf } from "./groups.ts";
import type { Keys } from "./keys.ts";
import { parseDraft } from "./replies.ts";
import { type MemberEntry, parseEntry, parseReceipt, parseWindow } from "./replies-windows.ts";
import type { ScriptClient } from "./script.ts";

interface Store {
  readonly client: ScriptClient;
  readonly keys: Keys;
  /** The keys that scripts begin with. */
  readonly shared: readonly string[];
  readonly times: () => Args;
}

type WindowMethods = Pick<Ledger, "sweep" | "drafts" | "crew" | "windows" | "window" | "flush" | "receipt">;

/** Windows and their members. A window that is gone between the call that names it and the call that reads it is left out. */
export function createWindowStore(store: Store): WindowMethods {
  const { client, keys, times } = store;
  const groupKey = (subject: Subject) => recordKey(keys, subject);
  const readWindows = async (subjects: readonly Subject[]) =>
    subjects.length === 0 ? [] : readWindowsScript(client, subjects.map(groupKey), [...times(), ...subjects.map(windowIdOf)]);
  const readMembers = (subject: Subject, after: number, through: number | "", limit: number) =>
    membersOf(store, subject, [windowIdOf(subject), after, through, limit]);
  return {
    drafts: (fingerprints) => draftsOf(store, fingerprints),
    sweep: ({ operation, limit }) => sweep(store, operation, limit),
    async crew(subject, intent, after, limit) {
      const [fields = []] = await readWindows([subject]);
      const { intent: open, carried, firstRequestMs } = parseWindow(subject, fields) ?? {};
      if (open !== intent || carried === undefined || firstRequestMs === undefined) return null;
      const knownUids = after === 0 ? await knownUidsScript(client, [groupKey(subject)], []) : [];
      return { members: await readMembers(subject, after, carried, limit), firstRequestMs, knownUids: knownUids.toSorted() };
    },
    async windows(offset, limit) {
      const [total, subjects] = await listWindowsScript(client, [keys.windows], [offset, limit]);
      const windows = (await readWindows(subjects)).flatMap((fields, at) => parseWindow(subjects[at] as string, fields)?.sight ?? []);
      return { total: Number(total), windows };
    },
    async window(subject, after, limit) {
      const [fields = []] = await readWindows([subject]);
      const window = parseWindow(subject, fields)?.sight;
      return window ? { window, members: await readMembers(subject, after, "", limit) } : null;
    },
    async flush(subject) {
      return (await flushScript(client, [keys.windows, groupKey(subject)], [...times(), subject])) === "1";
    },
    async receipt({ fingerprint }) {
      const fields = await receiptScript(client, [keys.episode(fingerprint)], times());
      const { 4: window } = fields;
      const storm = window ? await windowStepsScript(client, [groupKey(window)], [...times(), windowIdOf(window)]) : [];
      return parseReceipt(fingerprint, fields, storm);
    },
  };
}

/** Counts anew how many alerts wait in these windows, if they are all there are. */
export async function recountBuffered({ client, keys, times }: Store, windows: readonly Subject[]): Promise<void> {
  const records = windows.map((subject) => recordKey(keys, subject));
  await recountScript(client, [keys.windows, keys.buffered, keys.intentsOf, ...records], [...times(), ...windows]);
}

async function draftsOf({ client, keys }: Store, fingerprints: readonly string[]): Promise<(RequestDraft | null)[]> {
  if (fingerprints.length === 0) return [];
  const drafts = await readDraftsScript(client, fingerprints.map(keys.episode), []);
  return drafts.map((draft) => (draft ? parseDraft(draft) : null));
}

async function membersOf(store: Store, subject: Subject, args: Args): Promise<Member[]> {
  const { client, keys } = store;
  const [group = ""] = groupsOf([subject]);
  const entries = (await readMembersScript(client, [keys.members(group)], args)).map(parseEntry);
  const drafts = await draftsOf(
    store,
    entries.map(({ fingerprint }) => fingerprint),
  );
  return entries.flatMap((entry: MemberEntry, at) => {
    const draft = drafts[at];
    return draft ? [{ ...entry, draft }] : [];
  });
}

async function sweep({ client, keys, shared, times }: Store, operation: string, limit: number): Promise<boolean> {
  const subjects = await dueWindowsScript(client, [keys.windows], [...times(), limit]);
  if (subjects.length === 0) return false;
  const groups = groupsOf(subjects);
  const entries = await dueMembersScript(
    client,
    groups.flatMap((id) => [keys.group(id), keys.members(id)]),
    [limit, ...subjects.map(windowIdOf)],
  );
  const declared = groupKeys(keys, groups);
  const members = entries.flat().map((entry) => keys.episode(parseEntry(entry).fingerprint));
  const named = partsOf(subjects, entries, limit);
  const args = [...times(), operation, named.length, declared.ids.length, ...declared.ids, ...named.flat()];
  return (await sweepScript(client, [...shared, ...declared.keys, ...members], args)) === "1";
}

/** What the sweep is told of each window: its subject, how many of its members, and which. Beyond `limit` members nothing is asked of a window. */
function partsOf(subjects: readonly Subject[], entries: readonly (readonly string[])[], limit: number): Args[] {
  let room = limit;
  return subjects.flatMap((subject, at): Args[] => {
    if (room === 0) return [];
    const own = entries[at] ?? [];
    room -= own.length;
    return [[subject, own.length, ...own]];
  });
}
