import { describe, expect, it } from "vitest";
import {
  equalListings,
  fitListing,
  type Listing,
  linesOf,
  raiseListing,
  regainListing,
  type SpecMembers,
} from "../../../src/adapters/kubernetes/listing.ts";
import { jsonBytes, LISTED_ID_BYTES } from "../../../src/adapters/kubernetes/object-size.ts";
import { type MemberDetails, STORM_MEMBERS_MAX } from "../../../src/domain/storm-draft.ts";

const id = (n: number) => n.toString(16).padStart(16, "0");
const line = (n: number, name = `shop:Pod:web-${n}`) => `${id(n)} ${name}`;
const listing = (texts: readonly string[], over: Partial<Listing> = {}): Listing => ({
  lines: linesOf(texts),
  details: new Map(),
  closedAtMs: null,
  truncated: false,
  ...over,
});
const made = (...ids: number[]): SpecMembers => ({ ids: new Set(ids.map(id)), truncated: false });
const shown = ({ lines }: Listing) => [...lines.values()];

describe("a storm's list of members", () => {
  it("is read in its order, one line an id, without what is none", () => {
    const texts = [line(2), "what", line(1), "", line(2, "other"), id(3), `${id(4)}x`, id(5).toUpperCase().replace("0", "A")];
    expect(shown(listing(texts))).toEqual([line(2), line(1), id(3)]);
  });

  it("keeps what it shows, and gets what it lost behind that", () => {
    const known = listing([line(1), line(2)], { closedAtMs: 7 });
    expect(shown(regainListing(known, listing([line(3), line(2, "renamed")])))).toEqual([line(3), line(2, "renamed"), line(1)]);
    expect(regainListing(known, listing([])).closedAtMs).toBe(7);
    expect(regainListing(known, listing([], { closedAtMs: 5 })).closedAtMs).toBe(5);
    expect(regainListing(null, known)).toBe(known);
  });

  it("is the same, object and all, where nothing new is told", () => {
    const whole = listing([line(1), line(2)], { closedAtMs: 7 });
    expect(raiseListing(whole, { members: [line(2)], closedAtMs: 9 }).lines).toBe(whole.lines);
    expect(equalListings(raiseListing(whole, { members: [line(2)], closedAtMs: 9 }), whole)).toBe(true);
    expect(equalListings(raiseListing(whole, { members: [line(3)], closedAtMs: null }), whole)).toBe(false);
    expect(equalListings(raiseListing(whole, { members: [], closedAtMs: 6 }), whole)).toBe(false);
  });

  it("loses names from the last on where it has no room, never ids, and says so from then on", () => {
    const whole = listing([line(1), line(2), line(3)]);
    const size = (each: Listing) => JSON.stringify(shown(each)).length;
    const fitted = (each: Listing, bytesMax: number) => fitListing(each, { shown: listing([]), spec: made(1, 2, 3) }, bytesMax);
    expect(fitted(whole, size(whole))).toEqual(whole);
    const cut = fitted(whole, size(whole) - 2);
    expect([shown(cut), cut.truncated]).toEqual([[line(1), line(2), id(3)], true]);
    const bare = fitted(whole, 0);
    expect([shown(bare), bare.truncated]).toEqual([[id(1), id(2), id(3)], true]);
    expect(fitted(cut, 10_000)).toEqual(cut);
  });

  describe("beside names", () => {
    const tell = (n: number, text = "x"): MemberDetails => ({
      id: id(n),
      severity: "critical",
      startsAt: "2026-01-01T00:00:00Z",
      labels: { text },
      annotations: {},
    });
    const told = (...all: MemberDetails[]) => new Map(all.map((each) => [each.id, each]));
    /** Room for the ids of all that may still join, lines of `listed` and these. */
    const roomFor = (listed: Listing, ...all: object[]) =>
      LISTED_ID_BYTES * (STORM_MEMBERS_MAX - listed.lines.size) +
      jsonBytes(shown(listed)) -
      1 +
      all.reduce((sum: number, each) => sum + jsonBytes(each) + 1, 0);
    const whole = listing([line(1), line(2), line(3)], { details: told(tell(2), tell(3)) });
    const none = listing([]);

    it("tells of members that the spec does not tell of, as far as there is room for them and for the ids of all that may still join", () => {
      const object = { shown: none, spec: made(1) };
      const [both, one] = [roomFor(whole, tell(2), tell(3)), roomFor(whole, tell(2))];
      expect(fitListing(whole, object, both)).toEqual(whole);
      expect(fitListing(whole, object, both - 1)).toEqual({ ...whole, details: told(tell(2)), truncated: true });
      expect(fitListing(whole, object, one - 1)).toEqual({ ...whole, details: new Map(), truncated: true });
      const large = { ...whole, details: told(tell(2, "x".repeat(999)), tell(3)) };
      expect([...fitListing(large, object, both).details.keys()]).toEqual([id(3)]);
      expect(fitListing(whole, { shown: none, spec: made(1, 2) }, both).details).toEqual(told(tell(3)));
    });

    it("keeps what an object shows, also where names have to go for it", () => {
      const object = { shown: { ...whole, lines: linesOf([line(1)]) }, spec: made(1) };
      const fitted = fitListing(whole, object, 0);
      expect([shown(fitted), fitted.details, fitted.truncated]).toEqual([[id(1), id(2), id(3)], whole.details, true]);
    });

    it("is told to be whole only where all that each member tells stands in the object", () => {
      const truncated = (each: Listing, spec: SpecMembers) => fitListing(each, { shown: each, spec }, 0).truncated;
      expect(truncated(whole, made(1))).toBe(false);
      expect(truncated(whole, { ...made(1), truncated: true })).toBe(true);
      expect(truncated({ ...whole, details: told(tell(2)) }, made(1))).toBe(true);
      expect(truncated({ ...whole, lines: linesOf([line(1), id(2), line(3)]) }, made(1))).toBe(true);
      expect(truncated({ ...whole, details: new Map() }, made(1, 2, 3))).toBe(false);
    });

    it("is put back where it was erased, unless the object has said that there is no room", () => {
      expect(regainListing(whole, none)).toEqual(whole);
      const full = listing([line(1), line(2), line(3)], { details: told(tell(2)), truncated: true });
      expect(regainListing(whole, full)).toEqual(full);
    });

    it("takes none of who is not listed", () => {
      const raised = raiseListing(none, { members: [line(1)], details: [tell(1), tell(2)], closedAtMs: null });
      expect(raised.details).toEqual(told(tell(1)));
      expect(equalListings(raised, { ...raised, details: new Map() })).toBe(false);
    });
  });
});
