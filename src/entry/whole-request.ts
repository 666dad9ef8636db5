/** How long the rest of a body is waited for. */
const WAIT_MS = 1_000;

/**
 * The same handler, but where the sender wants its connection closed, the answer waits for the rest of the request, a second at most. A connection
 * that is closed over bytes which nobody has read is reset, and the answer lost with it (RFC 9112, section 9.6); kept ones are read on by the runtimes.
 */
export const takingWholeRequests =
  (fetch: (request: Request) => Promise<Response>): typeof fetch =>
  async (request) => {
    const response = await fetch(request);
    const closes = request.headers.get("connection")?.toLowerCase() === "close";
    if (closes && request.body && !request.bodyUsed)
      await request.body.pipeTo(nowhere(), { signal: AbortSignal.timeout(WAIT_MS) }).catch(() => {});
    return response;
  };

const nowhere = () => new WritableStream<Uint8Array>();
