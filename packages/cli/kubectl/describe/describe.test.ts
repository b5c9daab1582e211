import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationsMultiline, formatSelector, formatTimestamp } from './format.ts';
import { Lines } from './lines.ts';
import { percentOf, sumOf } from './pod-resources.ts';
import { probeText } from './probe.ts';
import { compactRules } from './rules.ts';
import { tolerationLines } from './scheduling.ts';

test("formatTimestamp() is Go's RFC 1123 with a numeric zone", () => {
  assert.equal(formatTimestamp('2026-11-01T00:13:54Z'), 'Sun, 01 Nov 2026 00:13:54 +0000');
});

test('formatSelector() joins labels and expressions in order', () => {
  const matchExpressions = [
    { key: 'b', operator: 'In', values: ['y', 'x'] },
    { key: 'c', operator: 'DoesNotExist' },
  ];
  assert.equal(formatSelector({ matchLabels: { a: '1' }, matchExpressions }), '!c,a=1,b in (x,y)');
  assert.equal(formatSelector(undefined), '<none>');
});

test('annotationsMultiline() hides what apply keeps and breaks long values', () => {
  const lines = new Lines();
  annotationsMultiline(lines, {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    a: 'b',
    c: 'x\ny',
  });
  assert.equal(lines.raw(), 'Annotations:\ta: b\n\tc:\n\t  x\n\t  y\n');
});

test('probeText() shows the handler with its times', () => {
  const httpGet = { scheme: 'HTTP', port: 'http', path: 'ready' };
  assert.equal(
    probeText({ httpGet, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
    'http-get http://:http/ready delay=0s timeout=1s period=10s #success=1 #failure=3',
  );
});

test('tolerationLines() shows operator and seconds', () => {
  const lines = new Lines();
  tolerationLines(lines, 0, [
    { key: 'k', effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 },
    { operator: 'Exists' },
  ]);
  assert.equal(lines.raw(), 'Tolerations:\top=Exists\n\tk:NoExecute op=Exists for 300s\n');
});

test('sumOf() takes the largest init container where it needs more than the others together', () => {
  const of = (cpu: string) => ({ resources: { requests: { cpu } } });
  const pod = { spec: { containers: [of('100m'), of('200m')], initContainers: [of('1')] } } as never;
  assert.equal(sumOf([pod, pod], 'requests', 'cpu'), '2');
  assert.equal(percentOf('500m', '2'), 25);
});

test('compactRules() joins the verbs of one resource', () => {
  const rules = compactRules([
    { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['update'] },
    { nonResourceURLs: ['/healthz'], verbs: ['get'] },
  ]);
  assert.deepEqual(
    rules.map(({ resource, urls, verbs }) => [resource, urls, verbs]),
    [
      ['deployments.apps/scale', [], ['get', 'update']],
      ['', ['/healthz'], ['get']],
    ],
  );
});
