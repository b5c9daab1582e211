import {
  children,
  type Element,
  encode,
  oid,
  readOid,
  readText,
  sequence,
  set,
  tag,
  utf8String,
} from './der.ts';

/** Attributes beside the name and the groups (RFC 5280, 4.1.2.4), in the order in which they are written. */
const otherOids = {
  country: '2.5.4.6',
  organizationalUnit: '2.5.4.11',
  locality: '2.5.4.7',
  province: '2.5.4.8',
  streetAddress: '2.5.4.9',
  postalCode: '2.5.4.17',
  serialNumber: '2.5.4.5',
} as const;

type OtherAttribute = keyof typeof otherOids;

const otherAttributes: ReadonlyMap<string, OtherAttribute> = new Map(
  (Object.keys(otherOids) as OtherAttribute[]).map((attribute) => [otherOids[attribute], attribute]),
);

/** The parts of a distinguished name that Kubernetes reads. */
export interface DistinguishedName {
  /** CN: the user name. */
  readonly commonName: string;
  /** O, in order: the groups. */
  readonly organizations?: readonly string[];
  /** The attributes that mean nothing to a cluster and that its signers keep. */
  readonly others?: Readonly<Partial<Record<OtherAttribute, readonly string[]>>>;
  /** The user's uid, in the attribute that Kubernetes has for it. */
  readonly uid?: string;
  /** All uids of a name that has more than one, which is nobody's; absent where it has not. */
  readonly uids?: readonly string[];
}

const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  /** Kubernetes' own arc: the user's uid. */
  uid: '1.3.6.1.4.1.57683.2',
} as const;

function attribute(type: string, value: Buffer): Buffer {
  return set(sequence(oid(type), value));
}

/** A Name of one attribute an RDN: organizations first, then the common name, as upstream's tools write it. */
export function encodeName(name: DistinguishedName): Buffer {
  const parts = (name.organizations ?? []).map((o) => attribute(oids.organization, utf8String(o)));
  for (const [kind, type] of Object.entries(otherOids)) {
    for (const value of name.others?.[kind as OtherAttribute] ?? []) {
      parts.push(attribute(type, textOf(kind as OtherAttribute, value)));
    }
  }
  if (name.commonName !== '') parts.push(attribute(oids.commonName, utf8String(name.commonName)));
  for (const uid of name.uids ?? (name.uid === undefined ? [] : [name.uid])) {
    parts.push(attribute(oids.uid, encode(tag.utf8String, Buffer.from(uid))));
  }
  return sequence(...parts);
}

/** Countries and serial numbers have no letters beyond ASCII (RFC 5280, appendix A.1). */
function textOf(kind: OtherAttribute, value: string): Buffer {
  const plain = kind === 'country' || kind === 'serialNumber';
  return plain ? encode(tag.printableString, Buffer.from(value)) : utf8String(value);
}

/** Reads a Name element. The last common name wins, as in Go's crypto/x509. */
export function readName(element: Element): DistinguishedName {
  let commonName = '';
  const organizations: string[] = [];
  const others: Partial<Record<OtherAttribute, string[]>> = {};
  const uids: string[] = [];
  for (const rdn of children(element)) {
    for (const pair of children(rdn)) {
      const [type, value] = children(pair);
      if (type === undefined || value === undefined) continue;
      const id = readOid(type);
      if (id === oids.commonName) commonName = readText(value);
      else if (id === oids.organization) organizations.push(readText(value));
      else if (id === oids.uid) uids.push(readText(value));
      const other = otherAttributes.get(id);
      if (other !== undefined) others[other] = [...(others[other] ?? []), readText(value)];
    }
  }
  return {
    commonName,
    organizations,
    ...(uids.length === 1 ? { uid: uids[0] as string } : {}),
    ...(uids.length > 1 ? { uids } : {}),
    ...(Object.keys(others).length === 0 ? {} : { others }),
  };
}
