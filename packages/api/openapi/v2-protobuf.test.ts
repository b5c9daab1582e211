import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish } from '@coxswain/machinery';
import protobuf from 'protobufjs';
import { openApiV2Protobuf } from './v2-protobuf.ts';

/** The part of gnostic's OpenAPIv2.proto that this test reads. */
const proto = `
syntax = "proto3";
message Any { string yaml = 2; }
message NamedAny { string name = 1; Any value = 2; }
message TypeItem { repeated string value = 1; }
message Properties { repeated NamedSchema additional_properties = 1; }
message NamedSchema { string name = 1; Schema value = 2; }
message Schema {
  string ref = 1; string description = 4; repeated string required = 19; TypeItem type = 22;
  Properties properties = 25; repeated NamedAny vendor_extension = 31;
}
message Definitions { repeated NamedSchema additional_properties = 1; }
message QueryParameter { string in = 2; string name = 4; string type = 6; bool unique_items = 20; }
message NonBodyParameter { QueryParameter query = 3; }
message Parameter { NonBodyParameter non_body = 2; }
message JsonReference { string ref = 1; }
message ParametersItem { Parameter parameter = 1; JsonReference json_reference = 2; }
message NamedParameter { string name = 1; Parameter value = 2; }
message ParameterDefinitions { repeated NamedParameter additional_properties = 1; }
message Operation { repeated string tags = 1; string operation_id = 5; repeated ParametersItem parameters = 8; }
message PathItem { Operation get = 2; repeated ParametersItem parameters = 9; }
message NamedPathItem { string name = 1; PathItem value = 2; }
message Paths { repeated NamedPathItem path = 2; }
message Document { string swagger = 1; Paths paths = 8; Definitions definitions = 9; ParameterDefinitions parameters = 10; }
`;

test('openApiV2Protobuf() is a message that a reader of gnostic takes', () => {
  const { root } = protobuf.parse(proto, { keepCase: true });
  const bytes = finish(openApiV2Protobuf({ isServed: (gv) => gv === 'v1' || gv === 'apps/v1' }));
  const document: any = root.lookupType('Document').decode(bytes).toJSON();
  assert.equal(document.swagger, '2.0');
  const schema = document.definitions.additional_properties.find(
    (d: any) => d.name === 'io.k8s.api.apps.v1.Deployment',
  );
  assert.deepEqual(schema.value.type, { value: ['object'] });
  assert.deepEqual(schema.value.vendor_extension, [
    {
      name: 'x-kubernetes-group-version-kind',
      value: { yaml: '- group: apps\n  kind: Deployment\n  version: v1\n' },
    },
  ]);
  const path = document.paths.path.find((p: any) => p.name === '/api/v1/pods').value;
  assert.equal(path.get.operation_id, 'listCoreV1PodForAllNamespaces');
  const { name, value } = document.parameters.additional_properties[0];
  assert.match(name, /^allowWatchBookmarks-/);
  assert.deepEqual(path.parameters[0], { json_reference: { ref: `#/parameters/${name}` } });
  const { description: _, ...query } = value.non_body.query;
  assert.deepEqual(query, {
    in: 'query',
    name: 'allowWatchBookmarks',
    type: 'boolean',
    unique_items: true,
  });
});
