import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish } from '@coxswain/machinery';
import protobuf from 'protobufjs';
import { openApiV3Protobuf } from './v3-protobuf.ts';

/** The part of gnostic's OpenAPIv3.proto that this test reads. */
const proto = `
syntax = "proto3";
message Any { string yaml = 2; }
message NamedAny { string name = 1; Any value = 2; }
message Reference { string ref = 1; string description = 3; }
message SchemaOrReference { Schema schema = 1; Reference reference = 2; }
message NamedSchema { string name = 1; SchemaOrReference value = 2; }
message Schemas { repeated NamedSchema additional_properties = 1; }
message Extra { SchemaOrReference schema_or_reference = 1; bool boolean = 2; }
message DefaultType { oneof value { double number = 1; bool boolean = 2; string text = 3; } }
message Items { repeated SchemaOrReference schema_or_reference = 1; }
message Schema {
  double minimum = 13; int64 max_length = 15; repeated string required = 23; repeated Any enum = 24;
  string type = 25; repeated SchemaOrReference all_of = 26; Items items = 30; Schemas properties = 31;
  Extra additional_properties = 32; DefaultType default = 33; repeated NamedAny specification_extension = 36;
}
message MediaType { SchemaOrReference schema = 1; }
message NamedMediaType { string name = 1; MediaType value = 2; }
message MediaTypes { repeated NamedMediaType additional_properties = 1; }
message Response { string description = 1; MediaTypes content = 3; }
message ResponseOrReference { Response response = 1; }
message NamedResponse { string name = 1; ResponseOrReference value = 2; }
message Responses { repeated NamedResponse response_or_reference = 2; }
message Parameter { string name = 1; string in = 2; bool required = 4; SchemaOrReference schema = 10; }
message ParameterOrReference { Parameter parameter = 1; }
message Operation {
  repeated string tags = 1; string operation_id = 5; repeated ParameterOrReference parameters = 6;
  Responses responses = 8;
}
message PathItem { Operation get = 4; }
message NamedPathItem { string name = 1; PathItem value = 2; }
message Paths { repeated NamedPathItem path = 1; }
message Components { Schemas schemas = 1; }
message Info { string title = 1; string version = 6; }
message Document { string openapi = 1; Info info = 2; Paths paths = 4; Components components = 5; }
`;

const reference = { $ref: '#/components/schemas/other' };
const document = {
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {
    '/a': {
      get: {
        tags: ['one', 'two'],
        operationId: 'getA',
        parameters: [{ name: 'p', in: 'query', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'OK', content: { 'application/json': { schema: reference } } } },
      },
    },
  },
  components: {
    schemas: {
      thing: {
        type: 'object',
        required: ['a', 'b'],
        minimum: 1.5,
        maxLength: 7,
        enum: ['x'],
        default: 0,
        properties: {
          a: { type: 'array', items: reference, default: {} },
          b: { allOf: [reference], default: false },
          c: { type: 'object', additionalProperties: { type: 'string', default: '' } },
          d: { type: 'object', additionalProperties: true },
        },
        'x-list': ['k'],
      },
    },
  },
};

test('openApiV3Protobuf() is a message that a reader of gnostic takes', () => {
  const { root } = protobuf.parse(proto, { keepCase: true });
  const bytes = finish(openApiV3Protobuf(Buffer.from(JSON.stringify(document))));
  const read: any = root.lookupType('Document').decode(bytes).toJSON();
  const ref = { reference: { ref: '#/components/schemas/other' } };
  assert.deepEqual([read.openapi, read.info], ['3.0.0', { title: 'Kubernetes', version: 'v1' }]);
  assert.deepEqual(read.paths.path, [
    {
      name: '/a',
      value: {
        get: {
          tags: ['one', 'two'],
          operation_id: 'getA',
          parameters: [
            { parameter: { name: 'p', in: 'query', required: true, schema: { schema: { type: 'string' } } } },
          ],
          responses: {
            response_or_reference: [
              {
                name: '200',
                value: {
                  response: {
                    description: 'OK',
                    content: {
                      additional_properties: [{ name: 'application/json', value: { schema: ref } }],
                    },
                  },
                },
              },
            ],
          },
        },
      },
    },
  ]);
  const [{ name, value }] = read.components.schemas.additional_properties;
  const { properties, ...rest } = value.schema;
  assert.deepEqual(
    { name, ...rest },
    {
      name: 'thing',
      type: 'object',
      required: ['a', 'b'],
      minimum: 1.5,
      max_length: '7',
      enum: [{ yaml: 'x\n' }],
      default: { number: 0 },
      specification_extension: [{ name: 'x-list', value: { yaml: '- k\n' } }],
    },
  );
  const extra = { schema_or_reference: { schema: { type: 'string', default: { text: '' } } } };
  assert.deepEqual(
    properties.additional_properties.map((p: any) => [p.name, p.value.schema]),
    [
      ['a', { type: 'array', items: { schema_or_reference: [ref] }, default: {} }],
      ['b', { all_of: [ref], default: { boolean: false } }],
      ['c', { type: 'object', additional_properties: extra }],
      ['d', { type: 'object', additional_properties: { boolean: true } }],
    ],
  );
});
