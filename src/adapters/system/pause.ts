/** Lets all that is due have its turn, other requests among it. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
