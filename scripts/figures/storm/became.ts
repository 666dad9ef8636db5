import { memberId } from "../../../src/domain/storm-draft.ts";
import { type Installation, READ_TOKEN } from "../../../test/support/installation.ts";
import type { RequestObject } from "../../../test/support/requests.ts";

/** The request that a receipt names; null: none yet. */
export async function tracedRequest({ gateway }: Installation, fingerprint: string): Promise<string | null> {
  const url = new URL(`/api/v1/receipts?fingerprint=${fingerprint}`, gateway.url);
  const response = await fetch(url, { headers: { authorization: `Bearer ${READ_TOKEN}` } });
  const { remediationRequest } = (await response.json()) as { readonly remediationRequest?: { readonly name: string } | null };
  return remediationRequest?.name ?? null;
}

/** The same of many, asked for a few at a time. */
export async function tracedRequests(installation: Installation, fingerprints: readonly string[]): Promise<readonly (string | null)[]> {
  const traced: (string | null)[] = [];
  const left = fingerprints.entries();
  const next = async () => {
    for (const [at, fingerprint] of left) traced[at] = await tracedRequest(installation, fingerprint);
  };
  await Promise.all(Array.from({ length: 16 }, next));
  return traced;
}

/** Ids of the alerts that a storm's object stands for: those that it was made of, and those that came later. Empty: it is no storm's. */
export function idsIn({ spec, status }: RequestObject): ReadonlySet<string> {
  if (spec.isStorm !== true) return new Set();
  const { storm } = JSON.parse(Buffer.from(String(spec.providerData), "base64").toString()) as { readonly storm: { readonly ids: string } };
  const { members = [] } = (status as { readonly storm?: { readonly members?: readonly string[] } } | undefined)?.storm ?? {};
  return new Set([...(storm.ids.match(/.{16}/g) ?? []), ...members.map((line) => line.slice(0, 16))]);
}

/** Whether an object is of an alert: its own, or of a storm that has it. */
export const isOf = (request: RequestObject, ids: ReadonlySet<string>, fingerprint: string): boolean =>
  request.spec.signalFingerprint === fingerprint || ids.has(memberId(fingerprint));
