import type { Steps } from '@coxswain/machinery';
import { documentNames, type OpenApiOptions, revisionOf } from './document.ts';
import type { Schema } from './schema.ts';
import { join, type Member, swaggerParts } from './swagger-parts.ts';

const built = new Map<string, Buffer>();

/** What one document tells from another. */
export function revisionOfAll(options: OpenApiOptions): string {
  const names = documentNames(options).map((name) => name + revisionOf(name, options));
  return `${options.version ?? ''} ${names.join(' ')}`;
}

/** The document of `/openapi/v2` as JSON, built at its first request: all groups in one, in the terms of Swagger 2. */
export function* openApiV2(options: OpenApiOptions = {}): Steps<Buffer> {
  const key = revisionOfAll(options);
  let bytes = built.get(key);
  if (bytes === undefined) {
    const { paths, parameters, definitions } = join(yield* swaggerParts(options));
    const { swagger, info, ...rest } = frame(options);
    const chunks: Buffer[] = [
      Buffer.from(`{"swagger":${JSON.stringify(swagger)},"info":${JSON.stringify(info)}`),
    ];
    for (const [name, members] of Object.entries({ paths, parameters, definitions })) {
      yield* writeMembers(name, members, chunks);
    }
    chunks.push(Buffer.from(`,${JSON.stringify(rest).slice(1)}`));
    bytes = Buffer.concat(chunks);
    // Of those with custom resources only the newest is asked for again.
    if (options.custom !== undefined) built.clear();
    built.set(key, bytes);
  }
  return bytes;
}

/** What is the same in every such document. */
export function frame(options: OpenApiOptions): Schema {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: options.version ?? 'unversioned' },
    securityDefinitions: {
      BearerToken: {
        description: 'Bearer Token authentication',
        type: 'apiKey',
        name: 'authorization',
        in: 'header',
      },
    },
    security: [{ BearerToken: [] }],
  };
}

/** Text that is put into bytes at once. */
const chunkLength = 65_536;

function* writeMembers(name: string, members: readonly Member[], chunks: Buffer[]): Steps<void> {
  let text = `,"${name}":{`;
  let first = true;
  for (const [member, json] of members) {
    text += `${first ? '' : ','}${JSON.stringify(member)}:${json}`;
    first = false;
    if (text.length < chunkLength) continue;
    chunks.push(Buffer.from(text));
    text = '';
    yield;
  }
  chunks.push(Buffer.from(`${text}}`));
}
