/** How a series goes on for some minutes, at least 1, a sample a minute: from the value that it had, at a minute of promtool's time, which begins at 0. */
export type Shape = (minutes: number, from: number, at: number) => { readonly samples: string; readonly last: number };

/** It stays at a value. */
export const level =
  (value: number): Shape =>
  (minutes) => ({ samples: `${value}+0x${minutes - 1}`, last: value });

/** It counts up by as much each minute. */
export const growth =
  (perMinute: number): Shape =>
  (minutes, from) => ({ samples: `${from + perMinute}+${perMinute}x${minutes - 1}`, last: from + perMinute * minutes });

/** It counts up once, and stays. */
export const step =
  (by: number): Shape =>
  (minutes, from, at) =>
    level(from + by)(minutes, from, at);

/** It counts nothing. */
export const rest: Shape = step(0);

/** It is not there. */
export const gone: Shape = (minutes, from) => ({ samples: minutes > 1 ? `stale _x${minutes - 1}` : "stale", last: from });

/** A time, so many seconds before each sample. */
export const ago =
  (seconds: number): Shape =>
  (minutes, _, at) => ({ samples: `${at * 60 - seconds}+60x${minutes - 1}`, last: 0 });

/** What becomes of a series, in the order of time. */
export type Story = readonly (readonly [minutes: number, shape: Shape])[];

/** Series with their labels, each with its story, in promtool's notation. */
export const inputSeries = (stories: Readonly<Record<string, Story>>) =>
  Object.entries(stories).map(([series, story]) => {
    let [last, at] = [0, 0];
    const samples = story.map(([minutes, shape]) => {
      const part = shape(minutes, last, at);
      [last, at] = [part.last, at + minutes];
      return part.samples;
    });
    return { series, values: samples.join(" ") };
  });
