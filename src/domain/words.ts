/** The words of a text, as tables of many are easiest to read. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/);
