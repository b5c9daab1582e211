import { describe, test } from 'node:test';
import { Scope } from './scope.ts';
import { concurrent, conformanceSuite, serial } from './suite.ts';

/** Adds a behaviour, titled as in the list of conformance; it gets a namespace of its own. */
export type Behaviour = (title: string, body: (scope: Scope) => Promise<void>) => void;

/** The behaviours of an area: those that run beside each other, and those that disturb others and run alone. */
export type Behaviours = (behaviour: Behaviour, alone: Behaviour) => void;

/** Most behaviours wait for a node most of the time. */
const atOnce = 10;

/** Runs behaviours on one cluster beside each other, and then those that must be alone one by one. */
export function runBehaviours(title: string, clusterName: string, areas: readonly Behaviours[]): void {
  const suite = conformanceSuite(clusterName);
  const add: Behaviour = (name, body) => {
    test(name, async () => {
      const scope = new Scope(suite, await suite.namespace('b'));
      try {
        await body(scope);
      } finally {
        await suite.api.delete(`/api/v1/namespaces/${scope.namespace}`);
      }
    });
  };
  const last: Parameters<Behaviour>[] = [];
  describe(title, { ...concurrent, concurrency: atOnce }, () => {
    for (const area of areas) area(add, (...parts) => last.push(parts));
  });
  describe(`${title}, one by one`, serial, () => {
    for (const parts of last) add(...parts);
  });
}
