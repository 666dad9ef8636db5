import { vi } from "vitest";
import { fire } from "./sender.ts";

/** Waits until a relay vouches for the requests of a namespace, where this leaves one; the gateway must believe nothing else. */
export async function untilRelayed(to: Parameters<typeof fire>[0], namespace: string): Promise<void> {
  const isRelayed = async () => (await fire(to, { namespace })).result?.rung === "relay";
  await vi.waitUntil(isRelayed, { timeout: 20_000, interval: 100 });
}
