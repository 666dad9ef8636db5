import { describe, expect, it } from "vitest";
import { equalListings, fitListing, type Listing, linesOf, raiseListing, regainListing } from "../../../src/adapters/kubernetes/listing.ts";

const id = (n: number) => n.toString(16).padStart(16, "0");
const line = (n: number, name = `shop:Pod:web-${n}`) => `${id(n)} ${name}`;
const listing = (texts: readonly string[], over: Partial<Listing> = {}): Listing => ({
  lines: linesOf(texts),
  closedAtMs: null,
  truncated: false,
  ...over,
});
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
    expect(fitListing(whole, size(whole))).toEqual(whole);
    const cut = fitListing(whole, size(whole) - 2);
    expect([shown(cut), cut.truncated]).toEqual([[line(1), line(2), id(3)], true]);
    const bare = fitListing(whole, 0);
    expect([shown(bare), bare.truncated]).toEqual([[id(1), id(2), id(3)], true]);
    expect(fitListing(cut, 10_000)).toEqual(cut);
  });
});
