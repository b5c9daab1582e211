import { parseQuantity } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { generatorVerb } from './generator.ts';
import { labelSelectorOf } from './label-selector.ts';

export const namespace = generatorVerb({
  usage: 'create namespace NAME [--dry-run=server|client|none]',
  summary: 'Create a namespace with the specified name.',
  build: (_, name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} }),
});

export const serviceAccount = generatorVerb({
  usage: 'create serviceaccount NAME [--dry-run=server|client|none]',
  summary: 'Create a service account with the specified name.',
  failing: 'serviceaccount',
  build: (_, name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }),
});

export const quota = generatorVerb({
  usage: 'create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]',
  summary: 'Create a resource quota with the specified name, hard limits, and optional scopes.',
  flags: {
    hard: { type: 'string', help: 'Limits, such as cpu=1,pods=2' },
    scopes: { type: 'string', help: 'Scopes, such as Terminating,BestEffort' },
  },
  failing: 'quota',
  build: ({ flags }, name) => {
    const pairs = (flags.string('hard') ?? '').split(',').filter((pair) => pair !== '');
    const hard = Object.fromEntries(
      pairs.map((pair) => {
        const [key = '', value] = pair.split('=');
        if (value === undefined)
          throw new Failure(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
        return [key, parseQuantity(value).toString()];
      }),
    );
    const scopes = (flags.string('scopes') ?? '').split(',').filter((scope) => scope !== '');
    return {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name },
      spec: { ...(pairs.length > 0 ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) },
      status: {},
    };
  },
});

export const podDisruptionBudget = generatorVerb({
  usage: 'create poddisruptionbudget NAME --selector=SELECTOR --min-available=N',
  summary:
    'Create a pod disruption budget with the specified name, selector, and desired minimum available pods.',
  flags: {
    'min-available': { type: 'string', help: 'Pods that must stay, a number or percentage' },
    'max-unavailable': { type: 'string', help: 'Pods that may go, a number or percentage' },
    selector: { type: 'string', help: 'Label selector of the pods' },
  },
  failing: 'poddisruptionbudgets',
  build: ({ flags }, name) => {
    const selector = flags.string('selector') ?? '';
    const least = flags.string('min-available');
    const most = flags.string('max-unavailable');
    if (selector === '') throw new Failure('a selector must be specified');
    if (least === undefined && most === undefined) {
      throw new Failure('one of min-available or max-unavailable must be specified');
    }
    if (least !== undefined && most !== undefined) {
      throw new Failure('min-available and max-unavailable cannot be both specified');
    }
    return {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name },
      spec: {
        ...(least === undefined ? {} : { minAvailable: intOrString(least) }),
        ...(most === undefined ? {} : { maxUnavailable: intOrString(most) }),
        selector: labelSelectorOf(selector),
      },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    };
  },
});

export const priorityClass = generatorVerb({
  usage: 'create priorityclass NAME --value=VALUE --global-default=BOOL',
  summary: 'Create a priority class with the specified name, value, globalDefault and description.',
  required: ['value'],
  flags: {
    value: { type: 'int', default: '0', help: 'The priority' },
    'global-default': { type: 'bool', default: 'false', help: 'Take it for pods that name none' },
    description: { type: 'string', help: 'What it is for' },
    'preemption-policy': {
      type: 'string',
      default: 'PreemptLowerPriority',
      help: 'Never or PreemptLowerPriority',
    },
  },
  failing: 'priorityclass',
  build: ({ flags }, name) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    ...(flags.string('description') ? { description: flags.string('description') } : {}),
    ...(flags.bool('global-default') ? { globalDefault: true } : {}),
    preemptionPolicy: flags.string('preemption-policy'),
    value: flags.int('value'),
  }),
});

function intOrString(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
