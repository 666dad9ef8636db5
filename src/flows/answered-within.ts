/** The promise's value, or `late` once `ms` have passed; the work goes on. A rejection within the time is passed on. */
export async function answeredWithin<Value>(work: Promise<Value>, ms: number): Promise<Value | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), Math.max(0, ms));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
