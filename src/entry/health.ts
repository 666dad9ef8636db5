/** What a container's health check runs: exit code 0 where this machine's process answers `/health` within 2 s, else 1. */
export async function tellHealth(env: Readonly<Record<string, string | undefined>> = process.env): Promise<never> {
  const url = `http://127.0.0.1:${env.PORT || "8787"}/health`;
  const ok = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
  process.exit(ok ? 0 : 1);
}
