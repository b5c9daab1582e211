import type { Attributes, Authorizer, Decision } from '../../access/contract.ts';

/** An expression asked an authorizer that does not answer at once. It is no fault of the expression. */
export class PendingDecision extends Error {
  override readonly name = 'PendingDecision';
  readonly code = 'DECISION_PENDING';
  readonly attributes: Attributes;
  readonly decision: Promise<Decision>;

  constructor(attributes: Attributes, decision: Promise<Decision>) {
    super('the authorizer does not answer at once');
    this.attributes = attributes;
    this.decision = decision;
    // whoever tries again waits for it
    decision.catch(() => undefined);
  }
}

/**
 * Runs what asks an authorizer in the middle of something that cannot wait; from the beginning again with the
 * answer each time that one had to be waited for. What it does before it asks must not matter twice.
 */
export function whenDecided<T>(
  authorizer: Authorizer,
  attempt: (authorizer: Authorizer) => T | Promise<T>,
): T | Promise<T> {
  try {
    const made = attempt(authorizer);
    return made instanceof Promise ? made.catch((error) => again(authorizer, attempt, error)) : made;
  } catch (error) {
    return again(authorizer, attempt, error);
  }
}

/** @throws what is no pending decision */
function again<T>(
  authorizer: Authorizer,
  attempt: (authorizer: Authorizer) => T | Promise<T>,
  error: unknown,
): Promise<T> {
  if (!(error instanceof PendingDecision)) throw error;
  return repeat(authorizer, attempt, error);
}

async function repeat<T>(
  authorizer: Authorizer,
  attempt: (authorizer: Authorizer) => T | Promise<T>,
  first: PendingDecision,
): Promise<T> {
  const decided = new Map<string, Decision>();
  const knowing: Authorizer = {
    authorize: (attributes) => decided.get(keyOf(attributes)) ?? authorizer.authorize(attributes),
  };
  for (let pending = first; ; ) {
    decided.set(keyOf(pending.attributes), await pending.decision);
    try {
      return await attempt(knowing);
    } catch (error) {
      if (!(error instanceof PendingDecision)) throw error;
      pending = error;
    }
  }
}

function keyOf(attributes: Attributes): string {
  return JSON.stringify(attributes);
}
