import type { HeldLoop } from '../support/held-loop.ts';
import { mapsPath } from '../support/objects.ts';

const path = '/apis/admissionregistration.k8s.io/v1';

/** Expressions over every member of objects of 1 MB. */
export async function policies(loop: HeldLoop): Promise<void> {
  await loop.post(`${path}/validatingadmissionpolicies`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'heavy' },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['configmaps'],
          },
        ],
      },
      validations: [
        { expression: "!has(object.data) || object.data.all(key, object.data[key].startsWith('value'))" },
        { expression: "!has(object.data) || object.data.all(key, key.matches('^key-[0-9]+$'))" },
      ],
    },
  });
  await loop.post(`${path}/validatingadmissionpolicybindings`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'heavy' },
    spec: { policyName: 'heavy', validationActions: ['Deny'] },
  });
  await refusedOnce(loop);
  for (const round of ['', ', again']) {
    for (const members of [2_000, 20_000]) {
      const name = `wide-${members}${round === '' ? '' : '-again'}`;
      await loop.held(
        `create, config map of ${members} members, policy over each${round}`,
        async () => void (await loop.client.request('POST', mapsPath, JSON.stringify(wide(name, members)))),
      );
    }
  }
  await costly(loop);
}

function wide(name: string, members: number): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(Array.from({ length: members }, (_, i) => [`key-${i}`, `value-${i}`])),
  };
}

/** An expression that compares each member with each other: it ends where its cost does. */
async function costly(loop: HeldLoop): Promise<void> {
  const there = (await loop.send('GET', `${path}/validatingadmissionpolicies/heavy`)).body.toString();
  const policy = JSON.parse(there);
  const expression = 'object.data.all(a, object.data.all(b, (object.data[a] + b).size() > 0))';
  policy.spec.validations = [{ expression: `!has(object.data) || ${expression}` }];
  await loop.send('PUT', `${path}/validatingadmissionpolicies/heavy`, JSON.stringify(policy));
  const map = (name: string): string => JSON.stringify(wide(name, 4_000));
  while ((await loop.client.request('POST', `${mapsPath}?dryRun=All`, map('costly'))).status !== 422);
  await loop.held(
    'create, object that is refused for the cost of its policy',
    async () => void (await loop.client.request('POST', mapsPath, map('costly'))),
  );
}

/** Until the policy is in force. */
async function refusedOnce(loop: HeldLoop): Promise<void> {
  const bad = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'bad' },
    data: { bad: 'bad' },
  });
  while ((await loop.client.request('POST', `${mapsPath}?dryRun=All`, bad)).status !== 422);
}
