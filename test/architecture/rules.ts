import { codeOf, importsOf, type SourceFile } from "./source-file.ts";

/** One rule over files of the project: a sentence for each place that breaks it. */
export type Rule = (files: readonly SourceFile[]) => string[];

const insides = ["domain", "ports", "protocol", "sources", "flows", "config", "metrics", "resilience", "http", "bridge", "emulation"];
const ledger = ["ledger/engine", "ledger/embedded"];
const adapters = ["adapters/redis", "adapters/kubernetes", "adapters/proxy", "adapters/system"];
const adapterImports = ["domain", "ports", "protocol", "config", "ledger/engine"];

/** What each layer may import beside itself. "compositions" are the files directly under src. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ["domain"],
  protocol: ["domain", "ports"],
  sources: ["domain"],
  flows: ["domain", "ports"],
  config: ["domain", "ports"],
  metrics: ["domain", "ports"],
  resilience: ["domain", "ports"],
  http: ["domain", "ports", "flows", "protocol", "sources", "metrics", "resilience"],
  bridge: ["domain", "ports", "metrics", "http"],
  emulation: ["domain", "ports"],
  "ledger/engine": ["domain"],
  "ledger/embedded": [],
  ...Object.fromEntries(adapters.map((adapter) => [adapter, adapterImports])),
  compositions: [...insides, ...ledger, ...adapters],
  entry: ["compositions", ...insides, ...ledger, ...adapters],
};

const isSource = ({ path }: SourceFile) => path.startsWith("src/");

function layerOf(path: string): string {
  const [, first = "", second = "", third] = path.split("/");
  if (second === "") return "compositions";
  return (first === "adapters" || first === "ledger") && third !== undefined ? `${first}/${second}` : first;
}

/** Layers import only inwards, and one adapter never another. */
export const directions: Rule = (files) =>
  files.filter(isSource).flatMap((file) => {
    const layer = layerOf(file.path);
    const allowed = allowedImports[layer];
    if (!allowed) return [`${file.path}: the layer "${layer}" has no rule`];
    return importsOf(file)
      .filter(({ target }) => target.startsWith("src/"))
      .map(({ target }) => layerOf(target))
      .filter((target) => target !== layer && !allowed.includes(target))
      .map((target) => `${file.path}: ${layer} may not import ${target}`);
  });

const mayUsePlatform = /^src\/(entry|adapters\/system)\//;
const platformUse = /\b(process|Bun|Deno)\s*[.[]|\bDate\.now\b|\bnew Date\(\)/;
/** The files that read kubeconfigs, and what they name on disk: certificates, tokens, programs. */
const kubernetesFiles = /^src\/adapters\/kubernetes\/(kubeconfig|credentials)\.ts$/;

/** The runtime, the environment and the wall clock are known only where a process starts, so that everything else runs everywhere. */
export const platform: Rule = (files) =>
  files
    .filter((file) => isSource(file) && !mayUsePlatform.test(file.path))
    .flatMap((file) => {
      const use = platformUse.exec(codeOf(file).replace(/"(?:[^"\\\n]|\\.)*"/g, '""'))?.[0];
      const builtIns = importsOf(file).filter(({ target }) => /^(node|bun):|^bun$/.test(target) && !kubernetesFiles.test(file.path));
      return [...(use ? [`${file.path}: uses ${use.trim()}`] : []), ...builtIns.map(({ target }) => `${file.path}: imports ${target}`)];
    });

/** Where in src a package may be imported; a package that is not named here may be imported anywhere in src. */
const packageHomes: readonly (readonly [name: RegExp, home: RegExp])[] = [
  [/^zod(\/|$)/, /^scripts\//],
  [/^@upstash\/redis(\/|$)/, /^src\/adapters\/redis\/client\.ts$/],
  [/^ioredis(\/|$)/, /^src\/bridge\//],
  [/^@kubernetes\/client-node(\/|$)/, /^src\/adapters\/kubernetes\//],
  [/^wasmoon-lua5\.1(\/|$)/, /^src\/entry\/lua-wasm\.ts$/],
  [/^undici(\/|$)/, /^src\/adapters\/kubernetes\/transport\.ts$/],
];

/** A library with a home is imported nowhere else, so that it can be replaced there. */
export const packages: Rule = (files) =>
  files.filter(isSource).flatMap((file) =>
    importsOf(file).flatMap(({ target }) => {
      const home = packageHomes.find(([name]) => name.test(target))?.[1];
      return home && !home.test(file.path) ? [`${file.path}: may not import ${target}`] : [];
    }),
  );
