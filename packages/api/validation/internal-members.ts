import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { goMemberName } from '../go-names.ts';
import { mustFindType } from '../type-facts.ts';
import type { Json } from './values.ts';

/** A member of the struct that upstream makes of a released type for its own use. */
export interface InternalMember {
  /** Its name in Go. */
  readonly name: string;
  readonly value: ValueFact;
  readonly pointer: boolean;
  /** The embedded struct that it is a member of; '' for none. */
  readonly embeddedIn: string;
  /** Its value in an object of the released type. */
  of(holder: Json): any;
}

const core = 'io.k8s.api.core.v1.';

/** What a pod shares with its host is told in its security context there. */
const hostMembers = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** Types of the core group whose members stand in another order: that member follows this one, or comes first. */
const moved: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PersistentVolumeSpec: { quobyte: 'rbd', flexVolume: 'iscsi' },
  PodSecurityContext: { sysctls: 'fsGroupChangePolicy' },
  PodSpec: {
    setHostnameAsFQDN: 'subdomain',
    preemptionPolicy: 'priority',
    overhead: 'runtimeClassName',
  },
  Volume: { quobyte: 'rbd' },
};

const known = new WeakMap<TypeFact, readonly InternalMember[]>();

/** The members of the internal struct of a type, in its order; those of embedded structs stand among the others. */
export function internalMembers(type: TypeFact): readonly InternalMember[] {
  let members = known.get(type);
  if (members === undefined) {
    members = membersOf(type);
    known.set(type, members);
  }
  return members;
}

function membersOf(type: TypeFact): InternalMember[] {
  const member = (field: FieldFact): InternalMember => memberOf(type, field);
  if (!type.name.startsWith(core)) return type.ordered.map(member);
  const fields = [...type.ordered];
  for (const [name, before] of Object.entries(moved[type.goName] ?? {})) {
    const [field] = fields.splice(place(fields, name), 1);
    fields.splice(place(fields, before) + 1, 0, field!);
  }
  switch (type.goName) {
    case 'PodSpec':
      return fields
        .filter(({ name }) => name !== 'serviceAccount' && !hostMembers.includes(name))
        .map((field) =>
          field.name === 'securityContext' ? { ...member(field), of: securityContext } : member(field),
        );
    case 'PodSecurityContext': {
      const { fields: ofPod } = mustFindType(`${core}PodSpec`);
      return [...hostMembers.map((name) => ofPod.get(name)!), ...fields].map(member);
    }
    default:
      return fields.map(member);
  }
}

function place(fields: readonly FieldFact[], name: string): number {
  return fields.findIndex((field) => field.name === name);
}

function memberOf(
  type: TypeFact,
  { name, value, pointer, embeddedIn: [embeddedIn = ''] }: FieldFact,
): InternalMember {
  return {
    name: goMemberName(type.goName, name),
    value,
    pointer,
    embeddedIn,
    of: (holder) => holder[name],
  };
}

function securityContext(spec: Json): Json {
  const out: Json = { ...spec['securityContext'] };
  for (const name of hostMembers) out[name] = spec[name];
  return out;
}
