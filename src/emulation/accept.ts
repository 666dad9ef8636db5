/** How a client wants an answer: `name` is the format's `as` parameter, such as Table, or null for the plain object. */
export interface Format {
  readonly as: string | null;
  readonly group: string;
  readonly version: string;
}

const PLAIN: Format = { as: null, group: "", version: "" };

/** The first format of an Accept header that `offered` takes, else plain JSON (Kubernetes API concepts, "Alternate representations of resources"). */
export function negotiate(accept: string | undefined, offered: (format: Format) => boolean): Format {
  return (
    (accept ?? "")
      .split(",")
      .map(readFormat)
      .find((format) => format.as === null || offered(format)) ?? PLAIN
  );
}

/** A type that is not JSON, such as protobuf, counts as a format that nobody offers. */
function readFormat(text: string): Format {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const values = new Map(parameters.map((parameter) => [parameter.split("=")[0], parameter.split("=")[1] ?? ""]));
  const json = type === "application/json" || type === "*/*" || type === "application/*";
  return { as: json ? (values.get("as") ?? null) : type, group: values.get("g") ?? "", version: values.get("v") ?? "" };
}
