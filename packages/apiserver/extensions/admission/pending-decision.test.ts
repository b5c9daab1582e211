import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import type { Attributes, Decision } from '../../access/contract.ts';
import { ask } from '../../access/testing.ts';
import { startTestServer } from '../../testing-server.ts';
import { PendingDecision, whenDecided } from './pending-decision.ts';

const jane = { name: 'jane', groups: ['system:masters'] };

describe('whenDecided()', () => {
  const slow = {
    authorize: async (a: Attributes): Promise<Decision> => ({ decision: 'allow', reason: a.verb }),
  };

  test('begins again with each answer, and asks for each once', async () => {
    let [attempts, questions] = [0, 0];
    const counted = {
      authorize: (a: Attributes) => {
        questions++;
        return slow.authorize(a);
      },
    };
    const made = await whenDecided(counted, (authorizer) => {
      attempts++;
      return ['get', 'list'].map((verb) => {
        const attributes = ask(jane, verb, 'pods');
        const decision = authorizer.authorize(attributes);
        if (decision instanceof Promise) throw new PendingDecision(attributes, decision);
        return decision.reason;
      });
    });
    assert.deepEqual([made, attempts, questions], [['get', 'list'], 3, 2]);
  });

  test('answers at once where nobody is waited for, and passes faults on', () => {
    assert.equal(
      whenDecided(slow, () => 7),
      7,
    );
    assert.throws(() => whenDecided(slow, () => assert.fail('x')), /x/);
  });
});

describe('policies that ask an authorizer which is waited for', () => {
  let client: Client;
  let close: () => Promise<void>;
  const group = 'admissionregistration.k8s.io';
  const configMaps = {
    operations: ['CREATE'],
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['configmaps'],
  };

  before(async () => {
    const authorize = async ({ name }: Attributes): Promise<Decision> =>
      name === 'good'
        ? { decision: 'allow', reason: 'asked' }
        : { decision: 'no-opinion', reason: '', error: 'away' };
    const started = await startTestServer({
      access: {
        external: {
          tokens: [],
          authorizers: {
            links: [
              {
                type: 'Webhook',
                name: 'slow',
                authorizer: { authorize, rulesFor: () => ({ rules: [], faults: [] }) },
              },
            ],
            onChange: () => {},
          },
          metrics: () => '',
          close: () => {},
        },
      },
    });
    close = started.close;
    client = new Client(started.server.loopback(jane));
  });
  after(() => close());

  async function bind(kind: 'Validating' | 'Mutating', spec: object): Promise<void> {
    const resource = `${kind.toLowerCase()}admissionpolicies`;
    const make = async (suffix: '' | 'Binding', of: object): Promise<void> => {
      const object = {
        apiVersion: `${group}/v1`,
        kind: `${kind}AdmissionPolicy${suffix}`,
        metadata: { name: 'p' },
        spec: of,
      };
      const plural = suffix === '' ? resource : resource.replace('policies', 'policybindings');
      await client.resource({ group, version: 'v1', resource: plural }).create(object as KubeObject);
    };
    await make('', { matchConstraints: { resourceRules: [configMaps] }, failurePolicy: 'Fail', ...spec });
    await make('Binding', {
      policyName: 'p',
      ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}),
    });
  }

  const create = (name: string): Promise<KubeObject> =>
    client
      .resource({ group: '', version: 'v1', resource: 'configmaps' }, 'default')
      .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } } as KubeObject);

  test('have its answer and its error', async () => {
    const serviceAccount = "authorizer.serviceAccount('default', 'x').group('').resource('configmaps')";
    const check = `${serviceAccount}.name(object.metadata.name).check('use')`;
    await bind('Mutating', {
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: `Object{data: {'why': ${check}.reason() + ${check}.error()}}` },
        },
      ],
    });
    await bind('Validating', {
      validations: [{ expression: `${check}.error() != 'away'`, message: 'nobody to ask' }],
    });
    assert.deepEqual((await create('good'))['data'], { why: 'asked' });
    await assert.rejects(create('bad'), /denied request: nobody to ask$/);
  });
});
