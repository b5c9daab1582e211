import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerCatalogue, enabledControllers, UnknownControllerError } from './catalogue.ts';
import { Harness } from './shared/harness-suite.ts';

test('controllerCatalogue names each controller as the controller names itself', () => {
  const { context } = new Harness();
  for (const [name, { make }] of Object.entries(controllerCatalogue)) {
    const controller = make(context, {
      rootCa: 'PEM',
      clusterCidr: '10.0.0.0/16',
      signLegacyToken: () => '',
    });
    if (controller) assert.equal(controller.name, name);
  }
});

test('enabledControllers() reads the list as the flag does', () => {
  const all = Object.keys(controllerCatalogue);
  assert.deepEqual(enabledControllers(['*']), all);
  assert.deepEqual(enabledControllers(['job-controller']), ['job-controller']);
  assert.deepEqual(
    enabledControllers(['*', '-job-controller']),
    all.filter((name) => name !== 'job-controller'),
  );
  assert.throws(() => enabledControllers(['jobs']), UnknownControllerError);
});
