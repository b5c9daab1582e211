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
  /** Another form is asked for than the object's own. */
  readonly transforms: boolean;
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

/** Which forms an endpoint has; `as` is '' where no transformation is asked for. */
export type Allows = (as: string, group: string, version: string, format: Format) => boolean;

/** Endpoints that have nothing but objects as they are. */
export const noTransform: Allows = (as) => as === '';

/** Picks the best acceptable form of those that an endpoint has. */
export function negotiate(accept: string | undefined, allows: Allows): Negotiated | NotAcceptable {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json')
    return plainJson;
  let clauses = known.get(accept);
  if (clauses === undefined) {
    clauses = parseAccept(accept);
    if (known.size < knownLimit) known.set(accept, clauses);
  }
  let typeKnown = false;
  for (const { type, parameters, transforms } of clauses) {
    const format = formats[type];
    if (format === undefined) continue;
    typeKnown = true;
    const { as = '', g: asGroup = '', v: asVersion = '', stream = '' } = parameters;
    if (as === '' && transforms) continue;
    if (!allows(as, asGroup, asVersion, format)) continue;
    if (stream !== '' && (stream !== 'watch' || format === 'yaml')) continue;
    return {
      format,
      as,
      asGroup,
      asVersion,
      pretty: parameters['pretty'] === '1',
      stream: stream === 'watch',
    };
  }
  return typeKnown ? 'form' : 'media-type';
}

/** Whether an Accept header names one of these media types, whatever its parameters, or any at all. */
export function namesAny(accept: string | undefined, types: readonly string[]): boolean {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return true;
  return accept.split(',').some((clause) => {
    const end = clause.indexOf(';');
    const type = (end < 0 ? clause : clause.slice(0, end)).trim();
    return type === '*/*' || types.includes(type);
  });
}

/** The one of some media types that an Accept header prefers, as upstream's OpenAPI handlers choose; undefined for none. */
export function preferredType(accept: string | undefined, offers: readonly string[]): string | undefined {
  for (const { type } of parseAccept(accept === undefined || accept === '' ? '*/*' : accept)) {
    const offered = offers.find(
      (offer) =>
        type === offer || type === '*/*' || (type.endsWith('/*') && offer.startsWith(type.slice(0, -1))),
    );
    if (offered !== undefined) return offered;
  }
  return undefined;
}

function parseAccept(accept: string): readonly Clause[] {
  const sorted: Clause[] = [];
  for (const text of accept.split(',')) {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const part of rest) {
      const equals = part.indexOf('=');
      if (equals > 0) parameters[part.slice(0, equals)] = part.slice(equals + 1).replace(/^"|"$/g, '');
    }
    const transforms = 'as' in parameters || 'g' in parameters || 'v' in parameters;
    const clause = {
      type: type.toLowerCase(),
      parameters,
      quality: Number(parameters['q'] ?? 1),
      transforms,
    };
    let at = sorted.length;
    while (at > 0 && goesBefore(clause, sorted[at - 1] as Clause)) at--;
    sorted.splice(at, 0, clause);
  }
  return sorted;
}

/** As upstream's library sorts clauses: what is specific goes before a wildcard that stands before it, whatever its quality. */
function goesBefore(a: Clause, b: Clause): boolean {
  if (a.quality > b.quality) return true;
  if (!a.type.startsWith('*') && b.type.startsWith('*')) return true;
  return !a.type.endsWith('/*') && b.type.endsWith('/*');
}

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
