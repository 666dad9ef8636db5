/** How a batch is handed on where one of its items may spoil the call for all. */
export interface Handing<Item, Answer> {
  /** Answers in the order of the items. */
  hand(items: readonly Item[]): Promise<readonly Answer[]>;
  /** Whether a rejection is about what was handed on, so that a part of it may go through. Others are passed on. */
  blames(error: unknown): boolean;
  /** Asked before each further call. */
  mayGoOn(): boolean;
  /** For the item that was turned away alone. */
  alone(item: Item, error: unknown): Answer;
  /** For one that no call was left for. */
  readonly left: Answer;
  /** Where the batch is cut first; absent: in the middle. */
  readonly cut?: number;
}

/**
 * Hands a batch on; one that is turned away for what is in it is cut in two again and again, until what spoils it stands alone and all else has gone
 * through. One part after the other, so that few calls are enough to find one that is bad: twice as many as the batch can be halved.
 */
export async function handApart<Item, Answer>(items: readonly Item[], handing: Handing<Item, Answer>): Promise<readonly Answer[]> {
  const { cut, ...deeper } = handing;
  try {
    return await handing.hand(items);
  } catch (error) {
    if (!handing.blames(error)) throw error;
    const [first] = items;
    if (first !== undefined && items.length === 1) return [handing.alone(first, error)];
    const answers: Answer[] = [];
    const at = cut ?? Math.ceil(items.length / 2);
    for (const part of [items.slice(0, at), items.slice(at)])
      answers.push(...(handing.mayGoOn() ? await handApart(part, deeper) : part.map(() => handing.left)));
    return answers;
  }
}
