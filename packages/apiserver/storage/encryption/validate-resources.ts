import { type FieldError, type FieldPath, invalid, required } from '@coxswain/machinery';

interface Named {
  readonly resource: string;
  readonly group: string;
}

/** What is wrong with the resources of one block, in upstream's words. */
export function validateResources(resources: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length === 0) errors.push(required(path, `at least one ${path} is required`));
  const { repeated, overlapping } = overlaps(resources.map(parse));
  if (repeated) {
    errors.push(invalid(path, resources, 'the same resource cannot be specified multiple times'));
  }
  if (overlapping) {
    const text =
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
    errors.push(invalid(path, resources, text));
  }
  resources.forEach((resource, i) => {
    const text = nameFault(resource);
    if (text !== undefined) errors.push(invalid(path.index(i), resource, text));
  });
  return errors;
}

function parse(text: string): Named {
  const dot = text.indexOf('.');
  return dot < 0
    ? { resource: text, group: '' }
    : { resource: text.slice(0, dot), group: text.slice(dot + 1) };
}

/** In one list, what a wildcard covers must not be named too: it would be masked. */
function overlaps(list: readonly Named[]): { readonly repeated: boolean; readonly overlapping: boolean } {
  let [repeated, overlapping] = [false, false];
  for (const [i, a] of list.entries()) {
    for (const [j, b] of list.entries()) {
      if (i === j) continue;
      const same = a.group === b.group && a.resource === b.resource;
      // Two that are the same cover each other, too, but for the first time that they are seen.
      if (same && !repeated) repeated = true;
      else if (a.resource === '*' && a.group === '*') overlapping = true;
      else if (a.group === b.group && (a.resource === '*' || b.resource === '*')) overlapping = true;
    }
  }
  return { repeated, overlapping };
}

const withoutRest: readonly string[] = [
  'apiserveripinfo',
  'serviceipallocations',
  'servicenodeportallocations',
];

function nameFault(name: string): string | undefined {
  if (name !== name.toLowerCase()) return 'resource name should not contain capital letters';
  if (name === '*') {
    return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  }
  if (withoutRest.includes(name)) return 'resources which do not have REST API/s cannot be encrypted';
  const { resource, group } = parse(name);
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === 'extensions') {
    return "'extensions' group has been removed and cannot be used for encryption";
  }
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}
