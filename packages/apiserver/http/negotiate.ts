/** A wire format. */
export type Format = 'json' | 'yaml' | 'protobuf';

/** What an Accept header comes to. */
export interface Negotiated {
  readonly format: Format;
  /** A transformation: Table, PartialObjectMetadata, PartialObjectMetadataList, APIGroupDiscoveryList; '' for none. */
  readonly as: string;
  readonly asGroup: string;
  readonly asVersion: string;
  readonly pretty: boolean;
  /** `stream=watch` was asked for. */
  readonly stream: boolean;
}

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

const formats: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  '*/*': 'json',
  'application/*': 'json',
};

export const plainJson: Negotiated = {
  format: 'json',
  as: '',
  asGroup: '',
  asVersion: '',
  pretty: false,
  stream: false,
};

/** How an Accept header failed: no known media type at all, or none in the form asked for. */
export type NotAcceptable = 'media-type' | 'form';

const known = new Map<string, readonly Clause[]>();
/** Clients send a handful of different headers. */
const knownLimit = 1000;

/** Picks the best acceptable form; `allows` says which transformations the endpoint has. */
export function negotiate(
  accept: string | undefined,
  allows: (as: string, group: string, version: string, format: Format) => boolean,
): Negotiated | NotAcceptable {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json')
    return plainJson;
  let clauses = known.get(accept);
  if (clauses === undefined) {
    clauses = parseAccept(accept);
    if (known.size < knownLimit) known.set(accept, clauses);
  }
  let typeKnown = false;
  for (const { type, parameters } of clauses) {
    const format = formats[type];
    if (format === undefined) continue;
    typeKnown = true;
    const as = parameters['as'] ?? '';
    if (as !== '' && !allows(as, parameters['g'] ?? '', parameters['v'] ?? '', format)) continue;
    const stream = parameters['stream'];
    if (stream !== undefined && stream !== 'watch') continue;
    return {
      format,
      as,
      asGroup: parameters['g'] ?? '',
      asVersion: parameters['v'] ?? '',
      pretty: parameters['pretty'] === '1',
      stream: stream === 'watch',
    };
  }
  return typeKnown ? 'form' : 'media-type';
}

function parseAccept(accept: string): readonly Clause[] {
  const clauses = accept.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const part of rest) {
      const equals = part.indexOf('=');
      if (equals > 0) parameters[part.slice(0, equals)] = part.slice(equals + 1).replace(/^"|"$/g, '');
    }
    return { type: type.toLowerCase(), parameters, quality: Number(parameters['q'] ?? 1) };
  });
  return clauses.filter((c) => c.quality > 0).sort((a, b) => b.quality - a.quality);
}

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
