import type { TypeFact } from '../facts.ts';
import type { KubeObject } from '../meta.ts';
import { any, int32, listOf, mapOf, struct, text, typeSketch } from '../testing-facts.ts';

const port = typeSketch('Port', {
  port: { value: int32 },
  protocol: { value: text, default: 'TCP' },
  name: { value: text },
});
const container = typeSketch('Container', {
  name: { value: text, default: '' },
  image: { value: text },
  args: { value: listOf(text) },
  ports: { value: listOf(struct(port)), listType: 'map', mapKeys: ['port', 'protocol'] },
});
const selector = typeSketch('Selector', { matchLabels: { value: mapOf(text) } });
const spec = typeSketch('Spec', {
  replicas: { value: int32, pointer: true },
  selector: { value: struct({ ...selector, atomic: true }), pointer: true },
  containers: { value: listOf(struct(container)), listType: 'map', mapKeys: ['name'], keepEmpty: true },
});
const metadata = typeSketch('ObjectMeta', {
  name: { value: text },
  labels: { value: mapOf(text) },
  annotations: { value: mapOf(text) },
  finalizers: { value: listOf(text), listType: 'set' },
});

/** A workload in small, for tests of the walkers. */
export const widget: TypeFact = typeSketch('Widget', {
  apiVersion: { value: text },
  kind: { value: text },
  metadata: { value: struct(metadata) },
  spec: { value: struct(spec) },
  data: { value: mapOf(text) },
  raw: { value: any },
  status: { value: struct(typeSketch('Status', { ready: { value: int32 } })) },
});

/** An object of that type. */
export function newWidget(parts: Readonly<Record<string, unknown>>, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w', ...metadata }, ...parts };
}
