/** Whether a state is at least as new as another. Resource versions of one type grow as decimal numbers of any length (Kubernetes API concepts, "Resource versions"). */
export const reaches = (version: string, other: string): boolean =>
  version.length === other.length ? version >= other : version.length > other.length;
