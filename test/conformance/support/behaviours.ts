import { describe, test } from 'node:test';
import { Scope } from './scope.ts';
import { concurrent, conformanceSuite, serial } from './suite.ts';

/** Adds a behaviour, titled as in the list of conformance; it gets a namespace of its own. */
export type Behaviour = (title: string, body: (scope: Scope) => Promise<void>) => void;

/**
 * The behaviours of a file, which share one cluster. They run beside each other, but for those given to
 * `alone`, which follow one by one.
 */
export function behaviours(
  area: string,
  clusterName: string,
  define: (behaviour: Behaviour, alone: Behaviour) => void,
): void {
  const suite = conformanceSuite(clusterName);
  const add: Behaviour = (title, body) => {
    test(title, async () => {
      const scope = new Scope(suite, await suite.namespace('b'));
      try {
        await body(scope);
      } finally {
        await suite.api.delete(`/api/v1/namespaces/${scope.namespace}`);
      }
    });
  };
  const last: Parameters<Behaviour>[] = [];
  describe(area, concurrent, () => {
    define(add, (...parts) => last.push(parts));
  });
  if (last.length === 0) return;
  describe(`${area}, one by one`, serial, () => {
    for (const parts of last) add(...parts);
  });
}
