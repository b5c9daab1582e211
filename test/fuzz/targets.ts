import assert from 'node:assert/strict';
import {
  decodeDocument,
  decodeProtobuf,
  duplicateFields,
  encodeProtobuf,
  splitYamlDocuments,
  typeOfKind,
} from '@coxswain/api';
import { CostMeter, celTypes, Expression, fromJson, kubernetesLibrary } from '@coxswain/cel';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJsonPatch,
  decodeMergePatch,
  deepEqual,
  type GroupVersionKind,
  type KubeObject,
  parseApiVersion,
  parseFieldSelector,
  parseLabelSelector,
  parseQuantity,
  type TypeFact,
} from '@coxswain/machinery';
import { dump } from 'js-yaml';
import type { SeededRandom } from '../support/seeded-random.ts';
import * as corpus from './corpus.ts';
import * as hostile from './hostile.ts';
import { mutateBytes, mutateJson, mutateText } from './mutate.ts';
import { serverSideApply } from './server-side-apply.ts';

/** Something that reads what clients send. */
export interface Target {
  /** Inputs that are tried first, each as it is. */
  readonly hostile: readonly Input[];
  /** An input of chance. */
  make(random: SeededRandom): Input;
  /** Reads an input; what it throws must be one of `errors`, by name. */
  run(input: Input): void;
  readonly errors: readonly string[];
}

export type Input = string | Uint8Array;

const kindOf = (object: KubeObject): GroupVersionKind => ({
  ...parseApiVersion(object.apiVersion),
  kind: object.kind,
});
const typeOf = (object: KubeObject): TypeFact => typeOfKind(kindOf(object)) as TypeFact;
const kinds = corpus.objects.map(kindOf);
const texts = corpus.objects.map((object) => JSON.stringify(object));
const yamlTexts = corpus.objects.map((object) => dump(object));
const messages = corpus.objects.map((object) => encodeProtobuf(object, typeOf(object)));
const bytesOf = (input: Input): Uint8Array => (typeof input === 'string' ? Buffer.from(input) : input);
const textOf = (input: Input): string => (typeof input === 'string' ? input : Buffer.from(input).toString());

/** What was decoded is decoded again to the same. */
function decode(input: Input, format: 'json' | 'yaml'): void {
  let fault: unknown;
  let done = false;
  for (const into of kinds) {
    try {
      const { object, kind } = decodeDocument(bytesOf(input), { format, into, strict: true });
      const again = decodeDocument(Buffer.from(JSON.stringify(object)), {
        format: 'json',
        into: kind,
        strict: true,
      });
      assert.deepEqual(again.strictErrors, []);
      assert.ok(deepEqual(again.object, object), 'what was decoded is decoded again to another');
      done = true;
    } catch (error) {
      if ((error as Error).name !== 'StatusError') throw error;
      fault = error;
    }
  }
  if (!done) throw fault;
}

const text =
  (seeds: readonly string[]): Target['make'] =>
  (random) =>
    mutateText(random.pick(seeds), seeds, random);

/** A document and a patch for it, both changed now and then. */
function makePatch(patches: readonly unknown[], random: SeededRandom): string {
  const others = [...patches, ...corpus.objects];
  const object = random.pick(corpus.objects);
  let patch = random.pick(patches);
  for (let i = random.below(4); i >= 0; i--) patch = mutateJson(patch, others, random);
  const changed = random.oneIn(3) ? mutateJson(object, corpus.objects, random) : object;
  return JSON.stringify([changed, patch]);
}

/** Reads what `makePatch` has made, and sees that the patch leaves its document alone. */
function patching(apply: (document: any, patch: unknown, type: TypeFact) => unknown): Target['run'] {
  return (input) => {
    const [document, patch] = JSON.parse(textOf(input)) as [KubeObject, unknown];
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return;
    const before = JSON.stringify(document);
    try {
      apply(document, patch, typeOf(corpus.objects[0] as KubeObject));
    } finally {
      assert.equal(JSON.stringify(document), before);
      assert.equal(
        ({} as Record<string, unknown>)['x'],
        undefined,
        'the prototype of all objects was changed',
      );
    }
  };
}

const self: celTypes.ObjectType = {
  kind: 'object',
  name: 'object',
  field: (name) =>
    ({ min: celTypes.int, max: celTypes.int, name: celTypes.string, tags: celTypes.listOf(celTypes.string) })[
      name
    ],
  names: () => ['min', 'max', 'name', 'tags'],
};
const declarations = {
  functions: kubernetesLibrary,
  variables: new Map<string, celTypes.CelType>([
    ['self', self],
    ['any', celTypes.dyn],
  ]),
};
const values = {
  self: fromJson({ min: 1, max: 2, name: `${'a'.repeat(60)}!`, tags: ['x', 'y'] }, self),
  any: fromJson({ a: { b: 1 }, x: [1, 2, 3], y: null, z: 'a'.repeat(100) }),
};

export const targets: Readonly<Record<string, Target>> = {
  json: {
    hostile: hostile.hostileJson,
    make: text(texts),
    run: (input) => {
      try {
        duplicateFields(bytesOf(input));
      } catch (error) {
        if ((error as Error).name !== 'JsonSyntaxError') throw error;
      }
      decode(input, 'json');
    },
    errors: ['StatusError'],
  },
  'json in odd shapes': {
    hostile: [],
    make: (random) => {
      let value: unknown = random.pick(corpus.objects);
      for (let i = random.below(5); i >= 0; i--) value = mutateJson(value, corpus.objects, random);
      return JSON.stringify(value) ?? 'null';
    },
    run: (input) => decode(input, 'json'),
    errors: ['StatusError'],
  },
  yaml: {
    hostile: hostile.hostileYaml,
    make: text(yamlTexts),
    run: (input) => {
      splitYamlDocuments(textOf(input));
      decode(input, 'yaml');
    },
    errors: ['StatusError'],
  },
  protobuf: {
    hostile: [],
    make: (random) => mutateBytes(random.pick(messages), messages, random),
    run: (input) => {
      const object = decodeProtobuf(bytesOf(input));
      const type = typeOf(object);
      const again = encodeProtobuf(object, type);
      assert.deepEqual(encodeProtobuf(decodeProtobuf(again), type), again);
    },
    errors: ['ProtobufError', 'DecodeError'],
  },
  'json patch': {
    hostile: [],
    make: (random) => makePatch(corpus.jsonPatches, random),
    run: patching((document, patch) => applyJsonPatch(document, decodeJsonPatch(patch))),
    errors: ['PatchError'],
  },
  'merge patch': {
    hostile: [],
    make: (random) => makePatch(corpus.mergePatches, random),
    run: patching((document, patch) => applyMergePatch(document, decodeMergePatch(patch))),
    errors: ['PatchError'],
  },
  'strategic merge patch': {
    hostile: [],
    make: (random) => makePatch(corpus.mergePatches, random),
    run: patching((document, patch, type) => {
      applyStrategicMergePatch(document, decodeMergePatch(patch), type);
    }),
    errors: ['PatchError', 'StatusError'],
  },
  'server-side apply': serverSideApply,
  'label selector': {
    hostile: hostile.hostileSelectors,
    make: text(corpus.selectors),
    run: (input) => {
      const selector = parseLabelSelector(textOf(input));
      selector.matches({ app: 'web' });
      assert.equal(parseLabelSelector(selector.toString()).toString(), selector.toString());
    },
    errors: ['SelectorParseError'],
  },
  'field selector': {
    hostile: hostile.hostileSelectors,
    make: text(corpus.selectors),
    run: (input) => {
      const selector = parseFieldSelector(textOf(input));
      const sorted = (each: typeof selector): string[] =>
        each.requirements.map((r) => JSON.stringify(r)).sort();
      assert.deepEqual(sorted(parseFieldSelector(selector.toString())), sorted(selector));
    },
    errors: ['SelectorParseError'],
  },
  quantity: {
    hostile: hostile.hostileQuantities,
    make: text(corpus.quantities),
    run: (input) => {
      const quantity = parseQuantity(textOf(input));
      const again = parseQuantity(quantity.toString());
      assert.equal(again.compare(quantity), 0);
      assert.equal(again.toString(), quantity.toString());
    },
    errors: ['QuantityParseError'],
  },
  cel: {
    hostile: hostile.hostileExpressions,
    make: text(corpus.expressions),
    run: (input) => {
      const expression = new Expression(textOf(input), declarations);
      expression.estimateCost(() => undefined);
      expression.evaluate(values, new CostMeter(1_000_000));
    },
    errors: ['CelCompileError', 'CelRuntimeError', 'CelCostError'],
  },
};
