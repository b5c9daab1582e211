import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { deployment } from '../../e2e/support/objects.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { anything, CustomResources, sketch } from '../support/custom-resources.ts';
import type { Scope } from '../support/scope.ts';
import {
  type Answer,
  denied,
  patched,
  startWebhookServer,
  type WebhookServer,
} from '../support/webhook-server.ts';

const base = '/apis/admissionregistration.k8s.io/v1';
type Kind = 'Validating' | 'Mutating';

let server: WebhookServer;
let count = 0;

const collection = (kind: Kind): string => `${base}/${kind.toLowerCase()}webhookconfigurations`;
const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

/** A webhook for the config maps of one namespace, unless the parts say otherwise. */
function webhook(s: Scope, answer: Answer, parts: object = {}): object {
  const path = `/hook-${++count}`;
  server.answers.set(path, answer);
  return {
    name: `hook-${count}.example.com`,
    clientConfig: server.clientConfig(path),
    rules: [
      { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
    ],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': s.namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1', 'v1beta1'],
    ...parts,
  };
}

interface Registered {
  readonly path: string;
  remove(): Promise<void>;
}

async function register(s: Scope, kind: Kind, webhooks: readonly object[], labels = {}): Promise<Registered> {
  const name = `e2e-${++count}-${s.namespace}`;
  await s.api.create(collection(kind), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name, labels },
    webhooks,
  });
  const path = `${collection(kind)}/${name}`;
  return {
    path,
    remove: async () => {
      await s.api.delete(path);
    },
  };
}

const rule = (group: string, resource: string, ...operations: string[]) => [
  { operations, apiGroups: [group], apiVersions: ['*'], resources: [resource] },
];
const forCustom = ({ definition }: CustomResources, ...operations: string[]) => ({
  rules: rule(definition.spec.group, definition.spec.names.plural, ...operations),
});
const deny = () => denied('no');
const addData = (key: string) => (request: any) =>
  request.object.data === undefined
    ? patched({ op: 'add', path: '/data', value: { [key]: 'yes' } })
    : patched({ op: 'add', path: `/data/${key}`, value: 'yes' });

export const admissionWebhooks: Behaviours = (behaviour, alone) => {
  before(async () => {
    server = await startWebhookServer();
  });
  after(() => server.close());

  for (const kind of ['Mutating', 'Validating'] as const) {
    const noun = kind.toLowerCase();
    const answer: Answer = kind === 'Mutating' ? addData('mutated') : deny;
    /** Whether config maps are created as if there were no webhook. */
    const isFree = async (s: Scope, name: string): Promise<boolean> => {
      const { status, body } = await s.api.call('POST', s.path('configmaps'), configMap(name, { a: 'b' }));
      return status === 201 && body.data.mutated === undefined;
    };

    behaviour(`AdmissionWebhook listing ${noun} webhooks should work`, async (s) => {
      for (let i = 0; i < 10; i++) await register(s, kind, [webhook(s, answer)], { mark: s.namespace });
      const selected = `${collection(kind)}?labelSelector=mark%3D${s.namespace}`;
      assert.equal((await s.api.get(selected)).items.length, 10);
      assert.equal(await isFree(s, 'before'), false);
      await s.api.delete(selected);
      assert.equal((await s.api.get(selected)).items.length, 0);
      assert.equal(await isFree(s, 'after'), true);
    });

    behaviour(`AdmissionWebhook patching/updating a ${noun} webhook should work`, async (s) => {
      const made = await register(s, kind, [webhook(s, answer)]);
      await s.api.change(made.path, (found) => {
        found.webhooks[0].rules[0].operations = ['UPDATE'];
      });
      assert.equal(await isFree(s, 'updated'), true);
      const operations = [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }];
      await s.api.patch(made.path, operations, 'application/json-patch+json');
      assert.equal(await isFree(s, 'patched'), false);
      await made.remove();
    });

    behaviour(
      `AdmissionWebhook should be able to create and update ${noun} webhook configurations with match conditions`,
      async (s) => {
        const first = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }];
        const made = await register(s, kind, [webhook(s, answer, { matchConditions: first })]);
        assert.deepEqual((await s.api.get(made.path)).webhooks[0].matchConditions, first);
        const second = [
          ...first,
          { name: 'expression-2', expression: "object.metadata.namespace == 'staging'" },
        ];
        await s.api.change(made.path, (found) => {
          found.webhooks[0].matchConditions = second;
        });
        assert.deepEqual((await s.api.get(made.path)).webhooks[0].matchConditions, second);
        await made.remove();
      },
    );

    behaviour(
      `AdmissionWebhook should reject ${noun} webhook configurations with invalid match conditions`,
      async (s) => {
        const matchConditions = [{ name: 'bad', expression: '... [] bad expression' }];
        const { status, body } = await s.api.call('POST', collection(kind), {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: `${kind}WebhookConfiguration`,
          metadata: { name: `bad-${s.namespace}` },
          webhooks: [webhook(s, answer, { matchConditions })],
        });
        assert.equal(status, 422);
        assert.match(body.message, /compilation failed/);
      },
    );
  }

  behaviour('AdmissionWebhook should be able to deny pod and configmap creation', async (s) => {
    const label = 'webhook-e2e-test';
    const never = new Promise<object>(() => {});
    const check: Answer = ({ object }) =>
      object.metadata.labels?.[label] === 'webhook-disallow' || object.data?.[label] === 'webhook-disallow'
        ? denied('the object contains unwanted data')
        : { allowed: true };
    const made = await register(s, 'Validating', [
      webhook(s, check),
      webhook(s, check, { rules: rule('', 'pods', 'CREATE') }),
      webhook(s, ({ name }) => (name === 'hangs' ? never : { allowed: true }), { timeoutSeconds: 1 }),
    ]);
    const unwanted = { [label]: 'webhook-disallow' };
    assert.match(
      (await s.refusal(configMap('bad', unwanted))).message,
      /denied the request: the object contains unwanted data/,
    );
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: unwanted },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    assert.match((await s.refusal(pod)).message, /the object contains unwanted data/);
    assert.match((await s.refusal(configMap('hangs'))).message, /deadline exceeded/);
    await s.create(configMap('good'));
    const changed = await s.api.call(
      'PATCH',
      s.path('configmaps', 'good'),
      { data: unwanted },
      { contentType: 'application/merge-patch+json' },
    );
    assert.match(changed.body.message, /the object contains unwanted data/);
    const elsewhere = await s.newNamespace();
    await s.api.create(s.path('configmaps', undefined, elsewhere), configMap('bad', unwanted));
    await s.api.delete(`/api/v1/namespaces/${elsewhere}`);
    await made.remove();
  });

  behaviour('AdmissionWebhook should be able to deny attaching pod', async (s) => {
    const made = await register(s, 'Validating', [
      webhook(
        s,
        ({ kind, object }) =>
          kind.kind === 'PodAttachOptions' && object.container === 'c' ? denied('no') : { allowed: true },
        { rules: rule('', 'pods/attach', 'CONNECT') },
      ),
    ]);
    await s.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { nodeSelector: { none: 'x' }, containers: [{ name: 'c', image: 'i', stdin: true }] },
    });
    const { code, stderr } = await s.cluster.tryKubectl('-n', s.namespace, 'attach', 'p', '-c', 'c');
    assert.notEqual(code, 0);
    assert.match(stderr, /denied the request: no/);
    await made.remove();
  });

  behaviour(
    'AdmissionWebhook should be able to deny custom resource creation, update and deletion',
    async (s) => {
      const custom = await CustomResources.define(s, sketch());
      const check: Answer = ({ operation, object, oldObject }) =>
        (operation === 'DELETE' ? oldObject : object).data?.key === 'unwanted'
          ? denied('unwanted')
          : { allowed: true };
      const made = await register(s, 'Validating', [
        webhook(s, check, forCustom(custom, 'CREATE', 'UPDATE', 'DELETE')),
      ]);
      const refused = await s.api.call('POST', custom.of(), custom.make('a', { data: { key: 'unwanted' } }));
      assert.match(refused.body.message, /denied the request: unwanted/);
      await custom.create('a', { data: { key: 'fine' } });
      const merge = { contentType: 'application/merge-patch+json' };
      assert.equal(
        (await s.api.call('PATCH', custom.of('a'), { data: { key: 'unwanted' } }, merge)).status,
        400,
      );
      await made.remove();
      await s.api.patch(custom.of('a'), { data: { key: 'unwanted' } });
      const again = await register(s, 'Validating', [webhook(s, check, forCustom(custom, 'DELETE'))]);
      assert.equal((await s.api.call('DELETE', custom.of('a'))).status, 400);
      await again.remove();
      await custom.remove();
    },
  );

  behaviour('AdmissionWebhook should deny crd creation', async (s) => {
    const one = sketch();
    const made = await register(s, 'Validating', [
      webhook(
        s,
        ({ object }) => (object.metadata.name === one.metadata.name ? denied('no') : { allowed: true }),
        {
          rules: rule('apiextensions.k8s.io', 'customresourcedefinitions', 'CREATE'),
          namespaceSelector: {},
        },
      ),
    ]);
    const { body } = await s.api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', one);
    assert.match(body.message, /denied the request: no/);
    await made.remove();
  });

  behaviour('AdmissionWebhook should honor timeout', async (s) => {
    const slow: Answer = () => new Promise((resolve) => slowly.push(() => resolve({ allowed: true })));
    const slowly: (() => void)[] = [];
    const with1s = (failurePolicy: string) => webhook(s, slow, { timeoutSeconds: 1, failurePolicy });
    const fails = await register(s, 'Validating', [with1s('Fail')]);
    assert.match((await s.refusal(configMap('a'))).message, /deadline exceeded/);
    await fails.remove();
    const ignores = await register(s, 'Validating', [with1s('Ignore')]);
    await s.create(configMap('b'));
    await ignores.remove();
    for (const release of slowly) release();
    const waits = await register(s, 'Validating', [
      webhook(s, () => ({ allowed: true }), { timeoutSeconds: 10 }),
    ]);
    await s.create(configMap('c'));
    await waits.remove();
  });

  behaviour('AdmissionWebhook should include webhook resources in discovery documents', async (s) => {
    const { groups } = await s.api.get('/apis');
    const found = groups.find((g: any) => g.name === 'admissionregistration.k8s.io');
    assert.ok(found.versions.some((v: any) => v.version === 'v1'));
    const names = (await s.api.get(base)).resources.map((r: any) => r.name);
    for (const kind of ['mutating', 'validating']) assert.ok(names.includes(`${kind}webhookconfigurations`));
  });

  behaviour('AdmissionWebhook should mutate configmap', async (s) => {
    const after =
      (had: string, adds: string): Answer =>
      (request) =>
        request.object.data?.[had] === undefined ? { allowed: true } : addData(adds)(request);
    const made = await register(s, 'Mutating', [
      webhook(s, after('mutation-start', 'mutation-stage-1')),
      webhook(s, after('mutation-stage-1', 'mutation-stage-2')),
    ]);
    const { data } = await s.create(configMap('a', { 'mutation-start': 'yes' }));
    assert.deepEqual(Object.keys(data).sort(), ['mutation-stage-1', 'mutation-stage-2', 'mutation-start']);
    await made.remove();
  });

  behaviour("AdmissionWebhook should mutate everything except 'skip-me' configmaps", async (s) => {
    const matchConditions = [{ name: 'skip', expression: "object.metadata.name != 'skip-me'" }];
    const made = await register(s, 'Mutating', [webhook(s, addData('mutated'), { matchConditions })]);
    assert.equal((await s.create(configMap('skip-me', { a: 'b' }))).data.mutated, undefined);
    assert.equal((await s.create(configMap('other', { a: 'b' }))).data.mutated, 'yes');
    await made.remove();
  });

  behaviour('AdmissionWebhook should mutate pod and apply defaults after mutation', async (s) => {
    const container = {
      name: 'webhook-added-init-container',
      image: 'webhook-added-image',
      command: ['true'],
    };
    const made = await register(s, 'Mutating', [
      webhook(s, () => patched({ op: 'add', path: '/spec/initContainers', value: [container] }), {
        rules: rule('', 'pods', 'CREATE'),
      }),
    ]);
    const pod = await s.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { nodeSelector: { none: 'x' }, containers: [{ name: 'c', image: 'i' }] },
    });
    assert.equal(pod.spec.initContainers[0].terminationMessagePolicy, 'File');
    await made.remove();
  });

  behaviour('AdmissionWebhook should mutate custom resource', async (s) => {
    const custom = await CustomResources.define(s, sketch());
    const made = await register(s, 'Mutating', [webhook(s, addData('added'), forCustom(custom, 'CREATE'))]);
    assert.equal((await custom.create('a', { data: { x: 'y' } })).data.added, 'yes');
    await made.remove();
    await custom.remove();
  });

  behaviour('AdmissionWebhook should mutate custom resource with pruning', async (s) => {
    const data = { type: 'object', properties: { kept: { type: 'string' } } };
    const custom = await CustomResources.define(
      s,
      sketch([{ schema: { type: 'object', properties: { data } } }]),
    );
    const made = await register(s, 'Mutating', [
      webhook(s, addData('kept'), forCustom(custom, 'CREATE')),
      webhook(s, addData('dropped'), forCustom(custom, 'CREATE')),
    ]);
    assert.deepEqual((await custom.create('a', { data: {} })).data, { kept: 'yes' });
    await made.remove();
    await custom.remove();
  });

  behaviour('AdmissionWebhook should mutate custom resource with different stored version', async (s) => {
    const custom = await CustomResources.define(
      s,
      sketch([{ name: 'v1' }, { name: 'v2', schema: anything }]),
    );
    const made = await register(s, 'Mutating', [
      webhook(s, addData('added'), forCustom(custom, 'CREATE', 'UPDATE')),
    ]);
    await custom.create('a', { data: { x: 'y' } });
    await s.api.change(custom.path, (found) => {
      found.spec.versions[0].storage = false;
      found.spec.versions[1].storage = true;
    });
    const changed = await s.api.patch(custom.of('a'), { data: { more: 'z' } });
    assert.equal(changed.data.more, 'z');
    await made.remove();
    await custom.remove();
  });

  alone(
    'AdmissionWebhook should not be able to mutate or prevent deletion of webhook configuration objects',
    async (s) => {
      const everywhere = { rules: rule('admissionregistration.k8s.io', '*', '*'), namespaceSelector: {} };
      const refuses = await register(s, 'Validating', [webhook(s, deny, everywhere)]);
      const changes = await register(s, 'Mutating', [
        webhook(
          s,
          () => patched({ op: 'add', path: '/metadata/labels', value: { mutated: 'yes' } }),
          everywhere,
        ),
      ]);
      const dummy = await register(s, 'Validating', [webhook(s, deny)]);
      assert.equal((await s.api.get(dummy.path)).metadata.labels?.mutated, undefined);
      for (const one of [dummy, changes, refuses]) await one.remove();
    },
  );

  behaviour('AdmissionWebhook should unconditionally reject operations on fail closed webhook', async (s) => {
    const clientConfig = { service: { namespace: s.namespace, name: 'none', path: '/', port: 443 } };
    const made = await register(s, 'Validating', [webhook(s, deny, { clientConfig, failurePolicy: 'Fail' })]);
    const { code, message } = await s.refusal(configMap('a'));
    assert.equal(code, 500);
    assert.match(message, /failed calling webhook/);
    await s.create(deployment('untouched', 0));
    await made.remove();
  });
};
