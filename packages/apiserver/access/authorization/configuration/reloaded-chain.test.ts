import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '@coxswain/machinery';
import { until } from '@coxswain/machinery/testing';
import { ReloadMetrics } from '../../../config-file/reload-metrics.ts';
import { WebhookMetrics } from '../webhook/webhook-metrics.ts';
import { loadAuthorization, ReloadedChain } from './reloaded-chain.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-authz-'));
after(() => rmSync(dir, { recursive: true }));
const kubeconfig = join(dir, 'hook.kubeconfig');
writeFileSync(
  kubeconfig,
  'clusters: [{name: c, cluster: {server: "https://127.0.0.1:1/x"}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n',
);

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n';
const hook = (name: string, more = ''): string =>
  `{type: Webhook, name: ${name}, webhook: {timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: KubeConfigFile, kubeConfigFile: ${kubeconfig}}${more}}}`;
const file = (...authorizers: string[]): string => `${head}authorizers: [${authorizers.join(', ')}]\n`;
const rbac = '{type: RBAC, name: rbac}';

function refusal(text: string, wanted?: readonly string[]): string {
  try {
    loadAuthorization(text, wanted);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

describe('loadAuthorization()', () => {
  test("refuses what upstream refuses, in upstream's words", () => {
    assert.equal(refusal(file(hook('a'), rbac)), 'none');
    assert.equal(
      refusal(file()),
      'authorizers: Required value: at least one authorization mode must be defined',
    );
    assert.equal(
      refusal(file('{type: X, name: x}', '{type: RBAC, name: r}', rbac, hook('UP'))),
      '[authorizers[0].type: Unsupported value: "X": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook", authorizers[2].type: Duplicate value: "RBAC", authorizers[3].name: Invalid value: "UP": authorizer name is invalid: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \'-\' or \'.\', and must start and end with an alphanumeric character (e.g. \'example.com\', regex used for validation is \'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\')]',
    );
    assert.equal(
      refusal(file('{type: RBAC, name: r}')),
      'expected name rbac for authorizer RBAC instead of r',
    );
    const bare =
      '{type: Webhook, name: w, webhook: {timeout: 31s, authorizedTTL: -1m, connectionInfo: {type: KubeConfigFile, kubeConfigFile: rel}, matchConditions: [{expression: request.user}]}}';
    assert.equal(
      refusal(file(bare)),
      `[${[
        'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s',
        'authorizers[0].authorizedTTL: Invalid value: "-1m0s": must be > 0s',
        'authorizers[0].subjectAccessReviewVersion: Required value',
        'authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified',
        'authorizers[0].failurePolicy: Required value',
        'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "rel": must be an absolute path',
        'authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string',
      ].join(', ')}]`,
    );
    assert.equal(
      refusal(`${head}authorisers: []`),
      'failed to load AuthorizationConfiguration from file: strict decoding error: unknown field "authorisers"',
    );
    assert.equal(refusal(file(rbac), ['Node', 'RBAC']), 'missing required types: [Node]');
    assert.equal(refusal(file(rbac), []), 'unexpected extra types: [RBAC]');
  });
});

describe('ReloadedChain', () => {
  test('follows its file, and keeps what it had when the file is wrong', async () => {
    const path = join(dir, 'authz.yaml');
    writeFileSync(path, file(hook('a'), rbac));
    const registry = new MetricsRegistry();
    const common = { clock: systemClock, logger: silentLogger };
    const sources = { policies: [], metrics: new WebhookMetrics(), random: Math.random, ...common };
    const metrics = new ReloadMetrics('authorization', registry, systemClock);
    const reloads = (status: string): Promise<void> =>
      until(() => new RegExp(`reloads_total\\{.*status="${status}"\\} `).test(registry.text()));
    const chain = new ReloadedChain({ path, sources, metrics, ...common });
    let changes = 0;
    chain.onChange(() => changes++);
    const types = (): string[] => chain.links.map(({ type }) => type);
    assert.deepEqual(types(), ['Webhook', 'RBAC']);
    writeFileSync(path, file(rbac, '{type: Node, name: node}'));
    await reloads('failure');
    assert.deepEqual([types(), changes], [['Webhook', 'RBAC'], 0]);
    writeFileSync(path, file(rbac, hook('b'), hook('c')));
    await reloads('success');
    assert.deepEqual([types(), changes], [['RBAC', 'Webhook', 'Webhook'], 1]);
    chain.close();
  });
});
