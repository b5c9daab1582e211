import type { RuntimeEvent } from './contract.ts';

/**
 * containerd's own event stream, which runtimes older than the interface's GetContainerEvents have on the
 * same socket. Only what is read here is described.
 */
export const containerdEventDescriptors = {
  nested: {
    containerd: {
      nested: {
        services: {
          nested: {
            events: {
              nested: {
                v1: {
                  nested: {
                    Events: {
                      methods: {
                        Subscribe: {
                          requestType: 'SubscribeRequest',
                          responseType: 'Envelope',
                          responseStream: true,
                        },
                      },
                    },
                    SubscribeRequest: { fields: { filters: { rule: 'repeated', type: 'string', id: 1 } } },
                    Envelope: {
                      fields: {
                        namespace: { type: 'string', id: 2 },
                        topic: { type: 'string', id: 3 },
                        event: { type: 'Any', id: 4 },
                      },
                    },
                    Any: {
                      fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} as const;

export const containerdEventsService = 'containerd.services.events.v1.Events';

/** Where containerd keeps what its CRI plugin makes. */
export const criNamespace = 'k8s.io';

const eventTypes: Readonly<Record<string, RuntimeEvent['type']>> = {
  '/tasks/start': 'started',
  '/tasks/exit': 'stopped',
  '/tasks/oom': 'stopped',
  '/containers/create': 'created',
  '/containers/delete': 'deleted',
};

/** The event that an envelope of containerd stands for; absent when it is not about a container's state. */
export function readEnvelope(envelope: {
  readonly namespace: string;
  readonly topic: string;
  readonly event: { readonly value: Uint8Array } | null;
}): RuntimeEvent | undefined {
  const type = eventTypes[envelope.topic];
  if (type === undefined || envelope.namespace !== criNamespace || envelope.event === null) return undefined;
  const fields = readStrings(envelope.event.value);
  const containerId = fields.get(1);
  if (containerId === undefined) return undefined;
  // The exit of a process that was executed in the container bears an id of its own.
  if (envelope.topic === '/tasks/exit' && fields.get(2) !== containerId) return undefined;
  return { containerId, type };
}

/** The length-delimited top-level fields of a protobuf message, by number, as text. */
function readStrings(bytes: Uint8Array): Map<number, string> {
  const out = new Map<number, string>();
  const decoder = new TextDecoder();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) return value;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = varint();
      out.set(tag >>> 3, decoder.decode(bytes.subarray(at, at + length)));
      at += length;
    } else return out;
  }
  return out;
}
