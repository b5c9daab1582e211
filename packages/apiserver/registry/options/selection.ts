import { newBadRequest } from '@coxswain/machinery';
import type { Entry } from '../../storage/entry.ts';
import type { LabelHint } from '../../storage/lists/label-index.ts';
import type { WatchScope } from '../../storage/resource-cache.ts';
import { fieldReader, triggerField } from '../field-labels.ts';
import type { ServedResource } from '../resource-registry.ts';
import type { ListOptions } from './options.ts';

/** What a list or watch selects, compiled once. */
export interface Selection {
  /** Absent: everything matches. */
  readonly matches: ((entry: Entry) => boolean) | undefined;
  /** Only the object of this name can match; '' where any can. */
  readonly name: string;
  readonly scope: WatchScope;
  /** Labels that whatever matches bears. */
  readonly labels?: readonly LabelHint[];
  /** Objects must be in the version of the request before they are matched: it is asked for fields of its schema. */
  readonly ofVersion?: boolean;
}

/** Operators that ask for a value. */
const positive: ReadonlySet<string> = new Set(['=', '==', 'in']);

/** Compiles the selectors of a request; throws upstream's 400. */
export function compileSelection(
  resource: ServedResource,
  namespace: string,
  name: string,
  { labels, fields }: Pick<ListOptions, 'labels' | 'fields'>,
): Selection {
  if (labels === undefined && fields === undefined) {
    return { matches: name === '' ? undefined : nameTest(resource, name), name, scope: { namespace } };
  }
  const tests: ((entry: Entry) => boolean)[] = [];
  let hints: readonly LabelHint[] = [];
  let single = name;
  let ofVersion = false;
  let scope: WatchScope = { namespace };
  if (name !== '') tests.push(nameTest(resource, name));
  if (fields !== undefined) {
    const trigger = triggerField[`${resource.fact.group}/${resource.fact.resource}`];
    for (const { field, operator, value } of fields.requirements) {
      const own = resource.custom?.fieldReader(field);
      if (own !== undefined) ofVersion = true;
      const read = own ?? fieldReader(resource.fact, field, resource.custom !== undefined);
      const equal = operator !== '!=';
      if (field === 'metadata.name' && equal) {
        if (name !== '' && name !== value) {
          throw newBadRequest(`fieldSelector metadata.name doesn't match requested name`);
        }
        single = value;
      }
      if (field === trigger && equal) scope = { ...scope, trigger: value };
      const cache = resource.cache;
      if (field === 'metadata.name') tests.push((entry) => (cache.nameOf(entry.key) === value) === equal);
      else if (field === 'metadata.namespace') {
        tests.push((entry) => (cache.namespaceOf(entry.key) === value) === equal);
        if (equal && scope.namespace === '') scope = { ...scope, namespace: value };
      } else tests.push((entry) => (read(entry.object) === value) === equal);
    }
  }
  if (labels !== undefined) {
    if (!labels.empty) tests.push((entry) => labels.matches(entry.labels));
    hints = labels.requirements.flatMap(({ key, operator, values }) =>
      positive.has(operator) ? [{ name: key, values: [...values] }] : [],
    );
  }
  const [first, second] = tests;
  const matches =
    first === undefined
      ? undefined
      : second === undefined
        ? first
        : (entry: Entry) => tests.every((test) => test(entry));
  return { matches, name: single, scope, labels: hints, ...(ofVersion ? { ofVersion } : {}) };
}

function nameTest(resource: ServedResource, name: string): (entry: Entry) => boolean {
  const { cache } = resource;
  return (entry) => cache.nameOf(entry.key) === name;
}
