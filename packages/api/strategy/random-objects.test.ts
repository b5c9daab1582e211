import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldError, KubeObject, ResourceFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { decodeJson } from '../decode/decode-json.ts';
import { applyDefaults } from '../defaults/apply-defaults.ts';
import { allResources } from '../facts.ts';
import type { Json } from '../validation/values.ts';
import {
  prepareForCreate,
  prepareForSubresourceUpdate,
  prepareForUpdate,
  validateCreate,
  validateSubresourceUpdate,
  validateUpdate,
} from './strategy.ts';
import { now } from './test-objects.ts';
import { warningsOnCreate, warningsOnUpdate } from './warnings.ts';

/** Objects of the right types and no sense, always the same ones: whatever the rules say of them, they say it. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state * 1103515245 + 12345) & 0x7fffffff;
    return this.#state / 0x80000000;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }
}

const words = [
  '',
  'a',
  'A b',
  'x.y',
  'example.com/a',
  '10.0.0.1',
  '::1',
  'None',
  '10.0.0.0/8',
  '*',
  '/a',
  'cpu',
];
const deepest = 9;

function randomValue(fact: ValueFact, random: Random, depth: number): unknown {
  const few = (): undefined[] => Array.from({ length: Math.floor(random.next() * 3) });
  switch (fact.kind) {
    case 'string':
      return random.pick(words);
    case 'bool':
      return random.next() < 0.5;
    case 'int32':
    case 'int64':
    case 'float64':
      return random.pick([0, 1, -1, 5, 80, 70_000, 100_001]);
    case 'bytes':
      return random.pick(['', 'YQ==', 'eyJhIjoxfQ==']);
    case 'time':
      return now;
    case 'microtime':
      return '2026-01-01T00:00:00.000000Z';
    case 'duration':
      return '1s';
    case 'quantity':
      return random.pick(['0', '1', '-1', '100m', '1Gi', '1500u']);
    case 'intOrString':
      return random.pick([0, 1, -1, '10%', 'x', '']);
    case 'any':
      return random.pick([{}, { a: 1 }]);
    case 'object':
      return depth > deepest ? {} : randomObject(fact.type, random, depth + 1);
    case 'array':
      return few().map(() => randomValue(fact.items, random, depth + 1));
    case 'map':
      return Object.fromEntries(
        few().map(() => [random.pick(words), randomValue(fact.values, random, depth + 1)]),
      );
  }
}

function randomObject(type: TypeFact, random: Random, depth: number): Json {
  const out: Json = {};
  const share = type.ordered.length > 20 ? 0.25 : 0.55;
  for (const field of type.ordered) {
    if (random.next() > share) continue;
    const known = field.enum !== undefined && field.value.kind === 'string' && random.next() < 0.7;
    out[field.name] = known ? random.pick(field.enum ?? []) : randomValue(field.value, random, depth);
  }
  return out;
}

function read(fact: ResourceFact, random: Random): KubeObject {
  const body = randomObject(fact.type, random, 0);
  body['apiVersion'] = fact.group === '' ? fact.version : `${fact.group}/${fact.version}`;
  body['kind'] = fact.kind;
  body['metadata'] = { labels: { a: 'b' }, name: 'x', ...(fact.namespaced ? { namespace: 'ns' } : {}) };
  const object = decodeJson(JSON.stringify(body), fact.type, { strict: false }).object as KubeObject;
  Object.assign(object.metadata, { uid: 'u', creationTimestamp: now, resourceVersion: '1' });
  applyDefaults(object, fact);
  return object;
}

/** What shows where a text was made of something that is not there. */
const slips = /undefined|\[object|NaN/;

describe('the rules of every kind', () => {
  for (const fact of allResources()) {
    if (!fact.verbs.includes('create') || !fact.verbs.includes('get')) continue;
    it(`${fact.resource}.${fact.version}.${fact.group} have an answer to objects of no sense`, () => {
      const random = new Random(7);
      const errors: FieldError[] = [];
      for (let round = 0; round < 25; round++) {
        const old = read(fact, random);
        prepareForCreate(fact, old, { now });
        errors.push(...validateCreate(fact, old));
        warningsOnCreate(fact, old);
        const next = read(fact, random);
        prepareForUpdate(fact, next, old, { now });
        errors.push(...validateUpdate(fact, next, old));
        warningsOnUpdate(fact, next, old);
        for (const subresource of ['status', 'approval', 'finalize', 'ephemeralcontainers', 'resize']) {
          if (!fact.subresources.has(subresource)) continue;
          const changed = read(fact, random);
          prepareForSubresourceUpdate(fact, subresource, changed, old, { now });
          errors.push(...validateSubresourceUpdate(fact, subresource, changed, old));
        }
      }
      for (const { field, message } of errors) assert.doesNotMatch(`${field}: ${message}`, slips);
    });
  }
});
