import type { Ledger } from "../ports/ledger.ts";
import type { RemediationWriter } from "../ports/remediation-writer.ts";
import type { Breaker, Caller } from "./breaker.ts";

type Method = (...args: never[]) => Promise<unknown>;

/** The same port, each call of it made by way of `around`. */
function wrap<Port extends object>(port: Port, around: <T>(call: () => Promise<T>) => Promise<T>): Port {
  const wrapped = Object.entries(port).map(([name, method]: [string, Method]) => [
    name,
    (...args: never[]) => around(() => method(...args)),
  ]);
  return Object.fromEntries(wrapped) as Port;
}

/** The same ledger behind a breaker; `note` hears how each call went. */
export const guardLedger = (ledger: Ledger, breaker: Breaker, caller: Caller, note: (works: boolean) => void): Ledger =>
  wrap(ledger, (call) => noting(() => breaker.run(caller, call), note));

/** The same writer behind a breaker. */
export const guardWriter = (
  writer: RemediationWriter,
  breaker: Breaker,
  caller: Caller,
  note: (works: boolean) => void,
): RemediationWriter => ({
  perform: (operations, timeoutMs) => noting(() => breaker.run(caller, () => writer.perform(operations, timeoutMs)), note),
});

async function noting<T>(call: () => Promise<T>, note: (works: boolean) => void): Promise<T> {
  try {
    const value = await call();
    note(true);
    return value;
  } catch (error) {
    note(false);
    throw error;
  }
}
