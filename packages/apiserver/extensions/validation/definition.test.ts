import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Definition } from '../definition.ts';
import { validateDefinition } from './definition.ts';
import { definitionWarnings } from './warnings.ts';

const schema = (more: object = {}) => ({ openAPIV3Schema: { type: 'object', ...more } });
const version = (more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: schema(),
  ...more,
});
const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };

function definition(spec: object = {}, metadata: object = {}): Definition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com', ...metadata },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [version()],
      conversion: { strategy: 'None' },
      ...spec,
    },
    status: { conditions: [], acceptedNames: names, storedVersions: ['v1'] },
  } as unknown as Definition;
}

const texts = (now: Definition, old?: Definition): string[] =>
  validateDefinition(now, old).map(({ field, message }) => `${field}: ${message}`);
const only = (more: object) => definition({ versions: [version(more)] });
const v2 = (more: object = {}) => version({ name: 'v2', storage: false, ...more });
const odd = schema({ properties: { a: { type: 'string' } } });
const rule = (more: object) => only({ schema: schema({ 'x-kubernetes-validations': [more] }) });
const atRule = 'spec.validation.openAPIV3Schema.x-kubernetes-validations[0]';

const cases: readonly (readonly [what: string, definition: Definition, ...errors: string[]])[] = [
  ['nothing', definition()],
  [
    'all faults of the specification in order',
    definition({ group: 'short', scope: '', names: { ...names, kind: '', listKind: '', singular: 'Thing' } }),
    'metadata.name: Invalid value: "things.example.com": must be spec.names.plural+"."+spec.group',
    'spec.group: Invalid value: "short": should be a domain with at least one dot',
    'spec.scope: Required value',
    'spec.names.kind: Required value',
    'spec.names.listKind: Required value',
    `spec.names.singular: Invalid value: "Thing": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
  ],
  [
    'versions without schemas',
    definition({ versions: [version({ schema: undefined }), v2()] }),
    'spec.versions[0].schema.openAPIV3Schema: Required value',
  ],
  [
    'versions as they print, with what only they have',
    definition({
      versions: [version(), v2({ storage: true, schema: odd, subresources: { status: {} } })],
    }),
    `spec.versions: Invalid value: [${shown('v1', schema())},${shown('v2', odd, '{"Status":{},"Scale":null}')}]: must have exactly one version marked as storage version`,
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
  ],
  [
    'versions of the same name',
    definition({ versions: [version(), v2({ name: 'v1' })] }),
    `spec.versions: Invalid value: [${shown('v1')},${shown('v1', undefined, 'null', false)}]: must contain unique version names`,
  ],
  [
    'warnings that nobody sees',
    only({ deprecationWarning: 'old' }),
    'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
  ],
  [
    'columns and scales',
    only({
      additionalPrinterColumns: [{ name: '', type: 'text', format: 'x', jsonPath: 'a' }],
      subresources: {
        scale: { specReplicasPath: 'spec.n', statusReplicasPath: '.spec.n', labelSelectorPath: '.x' },
      },
    }),
    'spec.subresources.scale.specReplicasPath: Invalid value: "spec.n": must be a simple json path starting with .',
    'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.n": should be a json path under .status',
    'spec.subresources.scale.labelSelectorPath: Invalid value: ".x": should be a json path under either .spec or .status',
    'spec.additionalPrinterColumns[0].name: Required value',
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.additionalPrinterColumns[0].format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password',
    'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
  ],
  [
    'fields to select by',
    only({ schema: odd, selectableFields: [{ jsonPath: '.b' }, { jsonPath: '.a' }, { jsonPath: '.a' }, {}] }),
    'spec.selectableFields[0].jsonPath: Invalid value: ".b": is an invalid path: does not refer to a valid field',
    'spec.selectableFields[2].jsonPath: Duplicate value: ".a"',
    'spec.selectableFields[3].jsonPath: Required value',
  ],
  [
    'fields to select by in versions of one schema',
    definition({
      versions: [version({ schema: odd, selectableFields: [{ jsonPath: '.a' }] }), v2({ schema: odd })],
    }),
    'spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
  ],
  [
    'the same fields to select by in versions of different schemas',
    definition({
      versions: [
        version({ schema: odd, selectableFields: [{ jsonPath: '.a' }] }),
        v2({
          schema: schema({ properties: { a: { type: 'boolean' } } }),
          selectableFields: [{ jsonPath: '.a' }],
        }),
      ],
    }),
    'spec.selectableFields: Invalid value: "": may only be set when validations.schema is included',
  ],
  [
    'conversion without a webhook',
    definition({ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v9'] } } }),
    'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
  ],
  [
    'unknown fields that are kept',
    definition({
      preserveUnknownFields: true,
      versions: [version({ schema: schema({ properties: { a: { type: 'string', default: 'x' } } }) })],
    }),
    'spec.preserveUnknownFields: Invalid value: true: must be false in order to use defaults in the schema',
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ],
  [
    'names that belong to the project',
    definition(
      { group: 'x.k8s.io' },
      {
        name: 'things.x.k8s.io',
        annotations: { 'api-approved.kubernetes.io': 'somebody' },
      },
    ),
    'metadata.annotations[api-approved.kubernetes.io]: Invalid value: "somebody": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
  ],
  [
    'what may not be at the root beside a status',
    only({ schema: schema({ nullable: true }), subresources: { status: {} } }),
    `spec.validation.openAPIV3Schema: Invalid value: ${JSON.stringify(shownRoot({ Nullable: true }))}: only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled`,
    'spec.validation.openAPIV3Schema.nullable: Forbidden: nullable cannot be true at the root',
  ],
  ['rules that are none', rule({ rule: ' ' }), `${atRule}.rule: Required value: rule is not specified`],
  [
    'messages of several lines',
    rule({ rule: 'true', message: 'a\nb' }),
    `${atRule}.message: Invalid value: "a\\nb": must not contain line breaks`,
  ],
  ['rules of several lines without a message', rule({ rule: 'true\n' })],
  [
    'places that are none',
    rule({ rule: 'true', fieldPath: '.b', reason: 'Odd' }),
    `${atRule}.reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    `${atRule}.fieldPath: Invalid value: ".b": must be a valid path`,
  ],
  [
    'defaults that their own rules refuse',
    only({
      schema: schema({
        properties: {
          a: { type: 'integer', default: 1, 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
        },
      }),
    }),
    'spec.validation.openAPIV3Schema.properties[a].default: Invalid value: 1: failed rule: self > 1',
  ],
  [
    'rules about changes of maps that are replaced as a whole',
    only({
      schema: schema({
        properties: {
          a: {
            type: 'object',
            'x-kubernetes-map-type': 'atomic',
            properties: { b: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } },
          },
        },
      }),
    }),
  ],
];

for (const [what, now, ...errors] of cases) {
  test(`validateDefinition() tells of ${what}`, () => {
    assert.deepEqual(texts(now), errors);
  });
}

test('validateDefinition() holds an update to what is in use', () => {
  const old = definition();
  (old.status as { conditions: object[] }).conditions = [{ type: 'Established', status: 'True' }];
  const now = definition({
    scope: 'Cluster',
    versions: [version({ name: 'v2' })],
    conversion: {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: ['v1'],
        clientConfig: { url: 'https://example.com', caBundle: 'bm9uZQ==' },
      },
    },
  });
  now.metadata.resourceVersion = '1';
  assert.deepEqual(texts(now, old), [
    'spec.conversion.webhookClientConfig.caBundle: Invalid value: "bm9uZQ==": unable to load root certificates: unable to parse bytes as PEM block',
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v2',
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
});

test('validateDefinition() looks at an unchanged schema again when its status gets a subresource', () => {
  const atomic = schema({ 'x-kubernetes-map-type': 'atomic' });
  const old = only({ schema: atomic });
  const now = only({ schema: atomic, subresources: { status: {} } });
  now.metadata.resourceVersion = '1';
  assert.match(texts(now, old).join(), /fields are allowed at the root of the schema if the status/);
});

test('definitionWarnings() warns of formats that nobody checks, once', () => {
  const odd = { type: 'string', format: 'odd' };
  const now = only({
    schema: schema({ properties: { a: odd, b: odd, c: { type: 'integer', format: 'x' } } }),
  });
  assert.deepEqual(definitionWarnings(now), ['unrecognized format "odd"', 'unrecognized format "x"']);
  assert.deepEqual(definitionWarnings(now, now), []);
});

function shownRoot(more: object): object {
  return {
    ID: '',
    Schema: '',
    Ref: null,
    Description: '',
    Type: 'object',
    Nullable: false,
    Format: '',
    Title: '',
    Default: null,
    Maximum: null,
    ExclusiveMaximum: false,
    Minimum: null,
    ExclusiveMinimum: false,
    MaxLength: null,
    MinLength: null,
    Pattern: '',
    MaxItems: null,
    MinItems: null,
    UniqueItems: false,
    MultipleOf: null,
    Enum: null,
    MaxProperties: null,
    MinProperties: null,
    Required: null,
    Items: null,
    AllOf: null,
    OneOf: null,
    AnyOf: null,
    Not: null,
    Properties: null,
    AdditionalProperties: null,
    PatternProperties: null,
    Dependencies: null,
    AdditionalItems: null,
    Definitions: null,
    ExternalDocs: null,
    Example: null,
    XPreserveUnknownFields: null,
    XEmbeddedResource: false,
    XIntOrString: false,
    XListMapKeys: null,
    XListType: null,
    XMapType: null,
    XValidations: null,
    ...more,
  };
}

function shown(name: string, own?: ReturnType<typeof schema>, subresources = 'null', storage = true): string {
  const properties = (own?.openAPIV3Schema as { properties?: object } | undefined)?.properties;
  const root = shownRoot(
    properties === undefined ? {} : { Properties: { a: shownRoot({ Type: 'string' }) } },
  );
  const schemaText = own === undefined ? 'null' : JSON.stringify({ OpenAPIV3Schema: root });
  return `{"Name":"${name}","Served":true,"Storage":${storage},"Deprecated":false,"DeprecationWarning":null,"Schema":${schemaText},"Subresources":${subresources},"AdditionalPrinterColumns":null,"SelectableFields":null}`;
}
