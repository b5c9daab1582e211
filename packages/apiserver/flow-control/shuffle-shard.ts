import { createHash } from 'node:crypto';

/** Sixty-four bits that tell flows of one schema apart. */
export function hashFlow(schema: string, distinguisher: string): bigint {
  const digest = createHash('sha256').update(`${schema}\0`).update(distinguisher).digest();
  return digest.readBigUInt64LE(0);
}

/**
 * Deals a flow its hand of queues: `handSize` different ones of `deckSize`, the same for every request of the flow.
 * Two flows seldom share all of theirs, so that one that floods its queues leaves others theirs.
 */
export function dealHand(hash: bigint, deckSize: number, handSize: number): readonly number[] {
  const hand: number[] = [];
  let left = hash;
  for (let i = 0; i < Math.min(handSize, deckSize); i++) {
    const remaining = BigInt(deckSize - i);
    let card = Number(left % remaining);
    left /= remaining;
    // the number among the cards that are still there becomes the card itself
    for (const dealt of [...hand].sort((a, b) => a - b)) if (dealt <= card) card++;
    hand.push(card);
  }
  return hand;
}
