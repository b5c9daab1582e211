import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthorizationConfig } from './read-configuration.ts';
import { validateAuthorization } from './validate-configuration.ts';

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n';
const whole = `timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: InClusterConfig}`;

function faults(authorizers: string): readonly string[] {
  const { errors } = validateAuthorization(readAuthorizationConfig(`${head}authorizers: ${authorizers}`));
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

test("validateAuthorization() finds upstream's faults in upstream's words", () => {
  assert.deepEqual(faults(`[{type: Webhook, name: a, webhook: {${whole}}}, {type: RBAC, name: rbac}]`), []);
  assert.deepEqual(faults('[]'), [
    'authorizers: Required value: at least one authorization mode must be defined',
  ]);
  assert.deepEqual(faults('[{type: Webhook, name: a, webhook: {timeout: 31s, authorizedTTL: -1h1m}}]'), [
    'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s',
    'authorizers[0].authorizedTTL: Invalid value: "-1h1m0s": must be > 0s',
    'authorizers[0].subjectAccessReviewVersion: Required value',
    'authorizers[0].failurePolicy: Required value',
    'authorizers[0].connectionInfo.type: Required value',
  ]);
  const connected = (info: string): readonly string[] =>
    faults(`[{type: Webhook, name: a, webhook: {${whole.replace(/connectionInfo.*/, info)}}}]`);
  assert.deepEqual(connected('connectionInfo: {type: x}'), [
    'authorizers[0].connectionInfo.type: Unsupported value: {"Type":"x","KubeConfigFile":null}: supported values: "InClusterConfig", "KubeConfigFile"',
  ]);
  assert.deepEqual(connected('connectionInfo: {type: KubeConfigFile, kubeConfigFile: /none/x}'), [
    'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/none/x": error loading file: stat /none/x: no such file or directory',
  ]);
  assert.deepEqual(connected('connectionInfo: {type: KubeConfigFile, kubeConfigFile: /dev/null/x}'), [
    'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/dev/null/x": error loading file: stat /dev/null/x: not a directory',
  ]);
});

test('readAuthorizationConfig() reads durations as Go does', () => {
  const read = (timeout: string) => () =>
    readAuthorizationConfig(`${head}authorizers: [{webhook: {timeout: ${timeout}}}]`);
  assert.equal(read('1m30s')().authorizers[0]?.webhook?.timeout, 90_000);
  assert.throws(read('x'), { message: 'time: invalid duration "x"' });
  assert.throws(read('"5"'), { message: 'time: missing unit in duration "5"' });
  assert.throws(read('null'), { message: 'time: invalid duration ""' });
});
