import assert from 'node:assert/strict';
import { decodeValue, typeOfKind } from '@coxswain/api';
import {
  applyServerSide,
  deepEqual,
  type KubeObject,
  type ManagedFieldsEntry,
  parseApiVersion,
  type TypeFact,
  trackUpdate,
  type ValueFact,
} from '@coxswain/machinery';
import type { SeededRandom } from '../support/seeded-random.ts';
import * as corpus from './corpus.ts';
import { mutateJson } from './mutate.ts';
import type { Input, Target } from './targets.ts';

/** What managers of one object do, one after the other. */
interface Step {
  readonly verb: 'apply' | 'force' | 'update';
  readonly manager: string;
  readonly object: unknown;
}

const verbs = ['apply', 'apply', 'force', 'update'] as const;
const managers = ['a', 'b', 'c'];
const time = '2026-01-01T12:00:00Z';
const longest = 6;

function make(random: SeededRandom): Input {
  const { apiVersion, kind, metadata: all, ...rest } = random.pick(corpus.objects);
  const { managedFields: _, ...metadata } = all;
  const steps: Step[] = [];
  for (let i = random.below(longest); i >= 0; i--) {
    let content = varied({ metadata, ...rest }, random);
    // Most fit the schema, or nothing would ever be merged.
    if (random.oneIn(5)) content = mutateJson(content, corpus.objects, random);
    const object = { ...(withoutEmpty(content) as object), apiVersion, kind };
    steps.push({ verb: random.pick(verbs), manager: random.pick(managers), object });
  }
  return JSON.stringify([apiVersion, kind, steps]);
}

/** The value with some members and items gone, in another order or of another value; types stay. */
function varied(value: unknown, random: SeededRandom): unknown {
  if (typeof value === 'string') return random.oneIn(12) ? random.pick(['x', 'y', `${value}z`]) : value;
  if (typeof value === 'number') return random.oneIn(12) ? value + random.below(3) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    const kept = Object.entries(value).filter(() => !random.oneIn(9));
    return Object.fromEntries(kept.map(([name, each]) => [name, varied(each, random)]));
  }
  const items = value.filter(() => !random.oneIn(6)).map((each) => varied(each, random));
  return random.oneIn(4) ? items.reverse() : items;
}

/** What is empty is owned, too, but is no more there when the object is read again. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutEmpty).filter((each) => !isEmpty(each));
  const members = Object.entries(value).map(([name, each]) => [name, withoutEmpty(each)] as const);
  return Object.fromEntries(members.filter(([, each]) => !isEmpty(each)));
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** One object in the server: what a write makes of it. */
class Served {
  readonly #type: TypeFact;
  readonly #context: { type: TypeFact; apiVersion: string; kind: string; time: string };
  #live: KubeObject | undefined;

  constructor(apiVersion: string, kind: string) {
    this.#type = typeOfKind({ ...parseApiVersion(apiVersion), kind }) as TypeFact;
    this.#context = { type: this.#type, apiVersion, kind, time };
  }

  do({ verb, manager, object }: Step): void {
    const written =
      verb === 'update' ? this.#updated(manager, object) : this.#applied(manager, object, verb === 'force');
    assertManagedOnce(written);
    this.#live = this.#decoded(written);
    assert.deepEqual(pathsNotThere(this.#live, this.#type), [], 'what is owned is not there');
    if (verb !== 'update') this.#assertSettled(manager, object);
  }

  /** The same once more is nothing, by the same manager and, without a conflict, by another. */
  #assertSettled(manager: string, object: unknown): void {
    // Where nobody owns anything the next who applies finds what was before the first apply.
    if (this.#live?.metadata.managedFields === undefined) return;
    const again = this.#decoded(this.#applied(manager, object, false));
    assert.ok(deepEqual(again, this.#live), 'what was applied is applied again to another');
    const shared = this.#decoded(this.#applied('another', object, false));
    assert.ok(deepEqual(contentOf(shared), contentOf(this.#live)), 'what is there is applied to another');
  }

  #applied(manager: string, applied: unknown, force: boolean): KubeObject {
    const before = [JSON.stringify(this.#live), JSON.stringify(applied)];
    const merged = applyServerSide({ ...this.#context, live: this.#live, manager, applied, force });
    assert.deepEqual([JSON.stringify(this.#live), JSON.stringify(applied)], before, 'an input was changed');
    return merged;
  }

  #updated(manager: string, object: unknown): KubeObject {
    const live = this.#live;
    const decoded = this.#decoded(object);
    const managedFields = live?.metadata.managedFields;
    const metadata = { ...decoded.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
    return trackUpdate({ ...this.#context, live, updated: { ...decoded, metadata }, manager });
  }

  #decoded(object: unknown): KubeObject {
    const { apiVersion, kind } = this.#context;
    const decoded = decodeValue(object, this.#type, { strict: false }).object as KubeObject;
    return { ...decoded, apiVersion, kind, metadata: decoded.metadata ?? {} };
  }
}

function contentOf(object: KubeObject | undefined): unknown {
  if (object === undefined) return undefined;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** What was never read by the server may lack all metadata. */
function managedFieldsOf({ metadata }: Pick<KubeObject, 'metadata'>): readonly ManagedFieldsEntry[] {
  return (metadata as KubeObject['metadata'] | undefined)?.managedFields ?? [];
}

function assertManagedOnce(object: KubeObject): void {
  const names = managedFieldsOf(object).map(({ manager, operation, apiVersion, subresource }) =>
    JSON.stringify([manager, operation, apiVersion, subresource]),
  );
  assert.equal(new Set(names).size, names.length, `${names} are not one entry a manager`);
}

type Fields = { readonly [element: string]: Fields };

/** What somebody owns and the object does not have. */
function pathsNotThere(object: KubeObject, type: TypeFact): string[] {
  return managedFieldsOf(object).flatMap(({ fieldsV1 }) =>
    missingOf(object, { kind: 'object', type }, fieldsV1 as Fields, ''),
  );
}

function missingOf(value: unknown, type: ValueFact, fields: Fields, path: string): string[] {
  return Object.entries(fields).flatMap(([element, below]) => {
    if (element === '.') return [];
    const found = memberOf(value, element);
    const member = memberType(type, element);
    if (found !== undefined) return missingOf(found.member, member, below, `${path} ${element}`);
    // What lost its last member stays owned as such, and is no more there when it is read again.
    const emptied = containers.has(member.kind) && Object.keys(below).every((each) => each === '.');
    return emptied ? [] : [`${path} ${element}`];
  });
}

const containers: ReadonlySet<string> = new Set(['object', 'map', 'array', 'any']);

function memberType(type: ValueFact, element: string): ValueFact {
  if (type.kind === 'array') return type.items;
  if (type.kind === 'map') return type.values;
  const field = type.kind === 'object' ? type.type.fields.get(element.slice(2)) : undefined;
  return field?.value ?? { kind: 'any' };
}

/** The member that an element of a path names; undefined when there is none. */
function memberOf(value: unknown, element: string): { readonly member: unknown } | undefined {
  const name = element.slice(2);
  if (element.startsWith('f:')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return { member: (value as Record<string, unknown>)[name] };
  }
  if (!Array.isArray(value)) return undefined;
  const named = JSON.parse(name) as unknown;
  if (element.startsWith('i:')) return { member: value[named as number] };
  const at = element.startsWith('v:')
    ? value.findIndex((each) => deepEqual(each, named))
    : indexByKeys(value as Record<string, unknown>[], named as Record<string, unknown>);
  return at < 0 ? undefined : { member: value[at] };
}

/** The item that has the keys, or leaves some of them out, as those have a default. */
function indexByKeys(items: readonly Record<string, unknown>[], keys: Record<string, unknown>): number {
  const has = (item: Record<string, unknown>, key: string): boolean => deepEqual(item[key], keys[key]);
  const names = Object.keys(keys);
  const exact = items.findIndex((item) => names.every((key) => has(item, key)));
  if (exact >= 0) return exact;
  return items.findIndex((item) => names.every((key) => item[key] === undefined || has(item, key)));
}

/** Managers that apply and update one object: whatever they send, its owners stay those of what is there. */
export const serverSideApply: Target = {
  hostile: [],
  make,
  run: (input) => {
    const [apiVersion, kind, steps] = JSON.parse(String(input)) as [string, string, Step[]];
    const served = new Served(apiVersion, kind);
    let fault: unknown;
    for (const step of steps) {
      try {
        served.do(step);
      } catch (error) {
        if (!serverSideApply.errors.includes((error as Error).name)) throw error;
        fault = error;
      }
    }
    if (fault !== undefined) throw fault;
  },
  errors: ['StatusError', 'DecodeError'],
};
