import { dump } from 'js-yaml';
import { WireWriter } from '../protobuf/wire-writer.ts';
import { documentNames, type OpenApiOptions } from './document.ts';
import type { Schema } from './schema.ts';
import { openApiV2Document } from './v2.ts';

const built = new Map<string, Buffer>();

/** The document of `/openapi/v2` as the protobuf message `openapi.v2.Document` of gnostic, made at its first request. */
export function openApiV2Protobuf(options: OpenApiOptions = {}): Buffer {
  const key = `${options.version ?? ''} ${documentNames(options).join(' ')} ${options.custom?.revision ?? ''}`;
  let bytes = built.get(key);
  if (bytes === undefined) {
    bytes = openApiV2ProtobufOf(openApiV2Document(options));
    // Of those with custom resources only the newest is asked for again.
    if (options.custom !== undefined) built.clear();
    built.set(key, bytes);
  }
  return bytes;
}

/** Any document of Swagger 2 in the same form. */
export function openApiV2ProtobufOf(document: Schema): Buffer {
  const writer = new DocumentWriter();
  writer.document(document);
  return writer.finish();
}

const methods = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 } as const;

/** Field numbers are those of gnostic's OpenAPIv2.proto. The writer runs backwards, so repetitions go in last first. */
class DocumentWriter {
  readonly #wire = new WireWriter();

  finish(): Buffer {
    return this.#wire.finish();
  }

  document(document: Schema): void {
    this.#text(1, document['swagger']);
    this.#message(2, () => {
      this.#text(1, document['info'].title);
      this.#text(2, document['info'].version);
    });
    this.#message(8, () => this.#named(2, document['paths'], (item) => this.#pathItem(item)));
    this.#message(9, () => this.#named(1, document['definitions'], (schema) => this.#schema(schema)));
    this.#message(10, () =>
      this.#named(1, document['parameters'], (parameter) => this.#parameter(parameter)),
    );
    this.#each(document['security'] as readonly Record<string, string[]>[], (requirement) =>
      this.#message(12, () => this.#named(1, requirement, (scopes) => this.#texts(1, scopes))),
    );
    this.#message(13, () =>
      this.#named(1, document['securityDefinitions'], (scheme) =>
        this.#message(2, () => {
          this.#text(1, scheme['type']);
          this.#text(2, scheme['name']);
          this.#text(3, scheme['in']);
          this.#text(4, scheme['description']);
        }),
      ),
    );
  }

  #pathItem(item: Schema): void {
    for (const [method, number] of Object.entries(methods)) {
      if (item[method] !== undefined) this.#message(number, () => this.#operation(item[method]));
    }
    this.#parameters(9, item['parameters']);
  }

  #operation(operation: Schema): void {
    this.#texts(1, operation['tags']);
    this.#text(3, operation['description']);
    this.#text(5, operation['operationId']);
    this.#texts(6, operation['produces']);
    this.#texts(7, operation['consumes']);
    this.#parameters(8, operation['parameters']);
    this.#message(9, () =>
      this.#named(1, operation['responses'], (response) => this.#message(1, () => this.#response(response))),
    );
    this.#texts(10, operation['schemes']);
    this.#extensions(13, operation);
  }

  #response(response: Schema): void {
    this.#text(1, response['description']);
    if (response['schema'] === undefined) return;
    this.#message(2, () => this.#message(1, () => this.#schema(response['schema'])));
  }

  /** ParametersItem around a reference, or around Parameter around the kind of parameter. */
  #parameters(number: number, parameters: readonly Schema[] | undefined): void {
    this.#each(parameters, (parameter) =>
      this.#message(number, () => {
        if (parameter['$ref'] !== undefined) this.#message(2, () => this.#text(1, parameter['$ref']));
        else this.#message(1, () => this.#parameter(parameter));
      }),
    );
  }

  #parameter(parameter: Schema): void {
    if (parameter['in'] === 'body') {
      this.#message(1, () => {
        this.#text(1, parameter['description']);
        this.#text(2, parameter['name']);
        this.#text(3, 'body');
        this.#flag(4, parameter['required']);
        this.#message(5, () => this.#schema(parameter['schema']));
      });
      return;
    }
    const isQuery = parameter['in'] === 'query';
    this.#message(2, () =>
      this.#message(isQuery ? 3 : 4, () => {
        this.#flag(1, parameter['required']);
        this.#text(2, parameter['in']);
        this.#text(3, parameter['description']);
        this.#text(4, parameter['name']);
        // Query parameters have one field more before the type.
        this.#text(isQuery ? 6 : 5, parameter['type']);
        this.#flag(isQuery ? 20 : 19, parameter['uniqueItems']);
      }),
    );
  }

  #schema(schema: Schema): void {
    this.#text(1, schema['$ref']);
    this.#text(2, schema['format']);
    this.#text(3, schema['title']);
    this.#text(4, schema['description']);
    this.#number(6, schema['multipleOf']);
    this.#number(7, schema['maximum']);
    this.#flag(8, schema['exclusiveMaximum']);
    this.#number(9, schema['minimum']);
    this.#flag(10, schema['exclusiveMinimum']);
    this.#count(11, schema['maxLength']);
    this.#count(12, schema['minLength']);
    this.#text(13, schema['pattern']);
    this.#count(14, schema['maxItems']);
    this.#count(15, schema['minItems']);
    this.#flag(16, schema['uniqueItems']);
    this.#count(17, schema['maxProperties']);
    this.#count(18, schema['minProperties']);
    this.#texts(19, schema['required']);
    this.#each(schema['enum'] as readonly unknown[] | undefined, (value) =>
      this.#message(20, () => this.#any(value)),
    );
    const { additionalProperties } = schema;
    if (additionalProperties === true) this.#message(21, () => this.#flag(2, true));
    else if (additionalProperties !== undefined) {
      this.#message(21, () => this.#message(1, () => this.#schema(additionalProperties)));
    }
    if (schema['type'] !== undefined) this.#message(22, () => this.#text(1, schema['type']));
    if (schema['items'] !== undefined) {
      this.#message(23, () => this.#message(1, () => this.#schema(schema['items'])));
    }
    if (schema['properties'] !== undefined) {
      this.#message(25, () => this.#named(1, schema['properties'], (property) => this.#schema(property)));
    }
    this.#extensions(31, schema);
  }

  #extensions(number: number, owner: Schema): void {
    const extensions = Object.fromEntries(Object.entries(owner).filter(([key]) => key.startsWith('x-')));
    this.#named(number, extensions, (value) => this.#any(value));
  }

  /** gnostic keeps any value as a text of YAML. */
  #any(value: unknown): void {
    this.#text(2, dump(value));
  }

  #named<T = Schema>(number: number, members: Readonly<Record<string, T>>, write: (value: T) => void): void {
    this.#each(Object.entries(members), ([name, value]) =>
      this.#message(number, () => {
        this.#message(2, () => write(value));
        this.#text(1, name);
      }),
    );
  }

  #each<T>(values: readonly T[] | undefined, write: (value: T) => void): void {
    for (let i = (values?.length ?? 0) - 1; i >= 0; i--) write((values as readonly T[])[i] as T);
  }

  #texts(number: number, values: readonly string[] | undefined): void {
    this.#each(values, (value) => this.#text(number, value));
  }

  #text(number: number, value: string | undefined): void {
    if (value === undefined || value === '') return;
    const before = this.#wire.length;
    this.#wire.text(value);
    this.#wire.closeField(number, before);
  }

  #flag(number: number, value: boolean | undefined): void {
    if (!value) return;
    this.#wire.varint(1);
    this.#wire.tag(number, 0);
  }

  #count(number: number, value: number | undefined): void {
    if (!value) return;
    this.#wire.varint(value);
    this.#wire.tag(number, 0);
  }

  #number(number: number, value: number | undefined): void {
    if (!value) return;
    this.#wire.double(value);
    this.#wire.tag(number, 1);
  }

  #message(number: number, write: () => void): void {
    const before = this.#wire.length;
    write();
    this.#wire.closeField(number, before);
  }
}
