import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, created, factOf, pod } from './test-objects.ts';
import { warningsOnCreate } from './warnings.ts';

const fact = factOf('v1', 'Pod');

describe('warningsOnCreate()', () => {
  it('says nothing of an ordinary pod', () => {
    assert.deepEqual(warningsOnCreate(fact, pod()), []);
  });

  it('tells of a name that is no label', () => {
    const [text] = warningsOnCreate(fact, pod({}, { name: 'a.b' }));
    assert.match(
      text!,
      /^metadata\.name: this is used in the Pod's hostname, .*: \[must not contain dots\]$/,
    );
  });

  it('tells of ports that are the same', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 80, hostPort: 80 }, { containerPort: 80 }];
    assert.deepEqual(warningsOnCreate(fact, pod({ containers: [{ ...container, ports }] })), [
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    ]);
  });

  it('lets a variable build on its former value', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '$(A)2' },
    ];
    assert.deepEqual(warningsOnCreate(fact, pod({ containers: [{ ...container, env }] })), []);
  });

  it('names the place in a template', () => {
    const labels = { app: 'a' };
    const spec = { containers: [container], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } };
    const deployment = created('apps/v1', 'Deployment', {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    });
    assert.deepEqual(warningsOnCreate(factOf('apps/v1', 'Deployment'), deployment), [
      'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ]);
  });
});
