import { ApiFailure } from "./api-failure.ts";

/** Lines of a stream, empty ones left out; what follows the last line break was cut off and is dropped. Throws `reply-invalid` beyond `lengthMax` characters. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, lengthMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const [first = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
    begun.push(first);
    length += first.length;
    for (const next of rest) {
      if (length > 0) yield begun.join("");
      begun = [next];
      length = next.length;
    }
    if (length > lengthMax) throw new ApiFailure("reply-invalid");
  }
}
