/** A part of a store that decides how values are stored. */
export interface StoringLayer {
  /** Whether the value of a key would be stored otherwise if it were written now. */
  isStale(key: string): Promise<boolean>;
}

/** Whether any of the layers would store a key's value otherwise now; undefined where no layer has a say. */
export function staleIn(
  ...given: readonly (StoringLayer | undefined)[]
): ((key: string) => Promise<boolean>) | undefined {
  const layers = given.filter((layer) => layer !== undefined);
  if (layers.length === 0) return undefined;
  return async (key) => {
    for (const layer of layers) if (await layer.isStale(key)) return true;
    return false;
  };
}
