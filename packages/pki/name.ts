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

/** The parts of a distinguished name that Kubernetes reads. */
export interface DistinguishedName {
  /** CN: the user name. */
  readonly commonName: string;
  /** O, in order: the groups. */
  readonly organizations?: readonly string[];
  /** The user's uid, in the attribute that Kubernetes has for it. */
  readonly uid?: string;
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
  if (name.commonName !== '') parts.push(attribute(oids.commonName, utf8String(name.commonName)));
  if (name.uid !== undefined) parts.push(attribute(oids.uid, encode(tag.utf8String, Buffer.from(name.uid))));
  return sequence(...parts);
}

/** Reads a Name element. The last common name wins, as in Go's crypto/x509. */
export function readName(element: Element): DistinguishedName {
  let commonName = '';
  const organizations: string[] = [];
  let uid: string | undefined;
  for (const rdn of children(element)) {
    for (const pair of children(rdn)) {
      const [type, value] = children(pair);
      if (type === undefined || value === undefined) continue;
      const id = readOid(type);
      if (id === oids.commonName) commonName = readText(value);
      else if (id === oids.organization) organizations.push(readText(value));
      else if (id === oids.uid) uid = readText(value);
    }
  }
  return { commonName, organizations, ...(uid === undefined ? {} : { uid }) };
}
