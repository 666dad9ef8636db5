/**
 * How much a process' own counter has grown within a window, also where its first event made the series: `increase` sees nothing of that. What
 * appears with a value counts as grown where Prometheus has read the process at the window's beginning, and the series was not there then.
 */
export function grown(series: string, window: string): string {
  const increased = `increase(${series}[${window}])`;
  const begun = `(min_over_time(${series}[${window}]) unless ${series} offset ${window} and on (job, instance) up offset ${window} == 1)`;
  return `(${increased} + ${begun} or ${increased})`;
}
