import { parseLabelSelector } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Verb } from '../verb.ts';
import { changeObjects, setFlags } from './change-objects.ts';

export const selector: Verb = {
  usage: 'set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  summary: 'Set the selector on a resource.',
  flags: {
    ...setFlags,
    'resource-version': { type: 'string', help: 'Change only when this is the version now' },
  },
  run: async (session) => {
    const text = session.args.at(-1);
    if (text === undefined) throw new Failure('one selector is required');
    const labels = labelsOf(text);
    const version = session.flags.string('resource-version') ?? '';
    return changeObjects(session, {
      resources: session.args.slice(0, -1),
      done: 'selector updated',
      always: true,
      also: version === '' ? {} : { metadata: { resourceVersion: version } },
      change: (object) => {
        if (object.kind !== 'Service' || object.apiVersion !== 'v1') {
          throw new Failure('setting a selector is only supported for Services');
        }
        object['spec'] = { ...object['spec'], selector: labels };
      },
    });
  },
};

const operatorNames: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** The labels of a selector that names values alone. Throws `Failure` for others. */
function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const { key, operator, values } of parseLabelSelector(text).requirements) {
    if (operator === '!=') throw new Failure('"!=" is not a valid label selector operator');
    if (operator !== '=' && operator !== '==') {
      throw new Failure(
        `match expression [{${key} ${operatorNames[operator] ?? operator} [${[...values].join(' ')}]}] not supported on this object`,
      );
    }
    labels[key] = [...values][0] ?? '';
  }
  return labels;
}
