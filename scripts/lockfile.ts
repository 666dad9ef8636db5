import { readFileSync } from "node:fs";

interface Entry {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Packages = Readonly<Record<string, Entry>>;

/** Nobody develops or runs Breakwater on a phone, and not every tool's Android binary can be had. */
const unsupported = /android/;

/** Every lockfile key at which Node's resolution would look for `name` from the package at `parent`. */
function* lookups(parent: string, name: string): Generator<string> {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    yield `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (folder === "") return;
  }
}

function missingOptionals(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !unsupported.test(name) && ![...lookups(parent, name)].some((key) => packages[key]))
      .map(([name, version]) => `${parent} asks for ${name}@${version}, which has no entry`),
  );
}

/**
 * What would keep `npm ci` from installing the same on every platform and from every registry. npm leaves out
 * another platform's binary when the registry it asks does not serve it; then pin a version that it serves.
 */
export function lockfileProblems(packages: Packages): string[] {
  const entries = Object.entries(packages).filter(([key]) => key !== "");
  return [
    ...missingOptionals(packages),
    ...entries.filter(([, { resolved }]) => resolved).map(([key]) => `${key} is bound to one registry by "resolved"`),
    ...entries.filter(([, { integrity }]) => !integrity).map(([key]) => `${key} has no integrity`),
  ];
}

/** The problems of package-lock.json in the working directory. */
export const checkLockfile = (): string[] => lockfileProblems(JSON.parse(readFileSync("package-lock.json", "utf8")).packages);
