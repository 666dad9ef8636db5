import * as http from "node:http";

const LOOPBACK = "localhost,127.0.0.1,::1,[::1]";

/**
 * Makes each runtime heed HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capital or small letters, from the next call on: Bun and Deno do by themselves, Node
 * when told to. This machine itself is never asked for through a proxy.
 */
export function heedProxies(): void {
  const { env } = process;
  const direct = [env.no_proxy ?? env.NO_PROXY, LOOPBACK].filter(Boolean).join();
  // Which of the two counts where both are there depends on the runtime.
  env.NO_PROXY = direct;
  env.no_proxy = direct;
  if (!("Bun" in globalThis || "Deno" in globalThis)) http.setGlobalProxyFromEnv();
}
