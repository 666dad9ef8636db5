import { afterAll, beforeAll, vi } from "vitest";
import { apiClient } from "./api-client.ts";
import { kubernetesChangesContract } from "./kubernetes-changes.contract.ts";
import { kubernetesObjectsContract } from "./kubernetes-objects.contract.ts";
import { openEmulation } from "./open-emulation.ts";

beforeAll(() => void vi.useFakeTimers());
afterAll(() => void vi.useRealTimers());

/** A watch lasts a second, which passes as soon as the client reads. */
async function open() {
  const { ask } = openEmulation();
  return apiClient(async (path, init) => {
    const response = await ask(path, init);
    const text = response.text();
    await vi.advanceTimersByTimeAsync(1000);
    return new Response(await text, response);
  }, "test");
}

kubernetesObjectsContract("emulation", open);
kubernetesChangesContract("emulation", open);
