import packet, { type DecodedPacket, type Packet } from 'dns-packet';
import type { ClusterZone } from './cluster-zone.ts';
import type { Answer, DnsRecord } from './record.ts';
import { errorResponse, queryKey, rcodes, readHeader } from './wire.ts';

/** What is to be done with a query. */
export type Outcome =
  | { readonly kind: 'response'; readonly message: Buffer }
  /** For the servers that the machine itself asks. */
  | { readonly kind: 'forward' }
  /** The zone's answer ends in an alias to a name outside: that is to be asked for and added. */
  | {
      readonly kind: 'follow';
      readonly target: string;
      readonly finish: (rest: readonly DnsRecord[]) => Buffer;
    }
  /** No query at all: answering would only make loops. */
  | { readonly kind: 'ignore' };

/** RFC 1035: the most that a UDP answer holds when the query says nothing. */
const plainUdpSize = 512;
/** What we take and give at most over UDP, so that nothing is fragmented on its way. */
const ownUdpSize = 1232;
const tcpSize = 65_535;

/** RFC 1035 and 6891 flag bits in dns-packet's terms. */
const authoritative = 1 << 10;
const truncated = 1 << 9;
const recursionDesired = 1 << 8;
const recursionAvailable = 1 << 7;

/** Answers kept ready as bytes; enough for the names that pods ask again and again. */
const cachedAnswers = 10_000;

/**
 * Turns queries into answers from the cluster's zone. Same questions get the same bytes until the zone changes,
 * unless the answer is a list, which is shuffled each time.
 */
export class Responder {
  readonly #zone: ClusterZone;
  readonly #random: () => number;
  readonly #cache = new Map<string, Buffer>();
  #cacheGeneration = -1;

  /** @param random numbers from 0 to 1, for the order of lists */
  constructor(zone: ClusterZone, random: () => number) {
    this.#zone = zone;
    this.#random = random;
  }

  respond(query: Buffer, transport: 'udp' | 'tcp'): Outcome {
    if (this.#cacheGeneration !== this.#zone.generation) {
      this.#cache.clear();
      this.#cacheGeneration = this.#zone.generation;
    }
    // Answers over TCP may be longer, so they have keys of their own.
    const key = transport === 'udp' ? queryKey(query) : '';
    const ready = key === '' ? undefined : this.#cache.get(key);
    if (ready !== undefined) {
      const message = Buffer.from(ready);
      message[0] = query[0] as number;
      message[1] = query[1] as number;
      return { kind: 'response', message };
    }
    const outcome = this.#decide(query, transport);
    const { cacheable, ...rest } = outcome;
    if (cacheable && key !== '' && rest.kind === 'response') {
      if (this.#cache.size >= cachedAnswers) this.#cache.clear();
      this.#cache.set(key, Buffer.from(rest.message));
    }
    return rest;
  }

  #decide(query: Buffer, transport: 'udp' | 'tcp'): Outcome & { cacheable?: boolean } {
    const header = readHeader(query);
    if (header === undefined || header.response) return { kind: 'ignore' };
    if (header.opcode !== 0) return { kind: 'response', message: errorResponse(query, rcodes.NOTIMP) };
    let decoded: DecodedPacket;
    try {
      decoded = packet.decode(query);
    } catch {
      return { kind: 'response', message: errorResponse(query, rcodes.FORMERR) };
    }
    const [question] = decoded.questions ?? [];
    if (question === undefined || decoded.questions?.length !== 1) {
      return { kind: 'response', message: errorResponse(query, rcodes.FORMERR) };
    }
    const name = question.name.toLowerCase();
    const answer = (question.class ?? 'IN') === 'IN' ? this.#zone.lookup(name, question.type) : undefined;
    if (answer === undefined) return { kind: 'forward' };
    const last = answer.answers.at(-1);
    if (last?.type === 'CNAME' && question.type !== 'CNAME' && !this.#zone.owns(last.data as string)) {
      const finish = (rest: readonly DnsRecord[]): Buffer =>
        this.#encode(decoded, { ...answer, answers: [...answer.answers, ...rest] }, transport);
      return { kind: 'follow', target: last.data as string, finish };
    }
    const message = this.#encode(decoded, answer, transport);
    return { kind: 'response', message, cacheable: answer.answers.length < 2 };
  }

  #encode(query: DecodedPacket, answer: Answer, transport: 'udp' | 'tcp'): Buffer {
    const opt = (query.additionals ?? []).find((r) => r.type === 'OPT');
    const asked = opt?.type === 'OPT' ? Math.max(plainUdpSize, opt.udpPayloadSize) : plainUdpSize;
    const limit = transport === 'tcp' ? tcpSize : Math.min(asked, ownUdpSize);
    const additionals: unknown[] = [...answer.additionals];
    if (opt !== undefined) {
      additionals.push({ type: 'OPT', name: '.', udpPayloadSize: ownUdpSize, flags: 0, options: [] });
    }
    const flags =
      authoritative | recursionAvailable | (query.flag_rd ? recursionDesired : 0) | rcodes[answer.rcode];
    const response = {
      type: 'response',
      id: query.id ?? 0,
      flags,
      questions: query.questions,
      answers: shuffled(answer.answers, this.#random),
      authorities: answer.authorities,
      additionals,
    };
    const message = encode(response);
    if (message.length <= limit) return message;
    // Additional records are a service; without them the answer may fit, and if not, TCP must carry it.
    const essential = { ...response, additionals: additionals.slice(answer.additionals.length) };
    const shorter = encode(essential);
    if (shorter.length <= limit) return shorter;
    const answers = [...response.answers];
    for (;;) {
      answers.length = Math.floor(answers.length / 2);
      const cut = encode({ ...essential, flags: flags | truncated, answers });
      if (cut.length <= limit || answers.length === 0) return cut;
    }
  }
}

function encode(message: object): Buffer {
  return packet.encode(message as Packet);
}

/** Addresses in a random order, so that clients that take the first spread over all. Aliases stay in front. */
function shuffled(answers: readonly DnsRecord[], random: () => number): DnsRecord[] {
  const list = [...answers];
  const first = list.findIndex((r) => r.type !== 'CNAME');
  for (let i = list.length - 1; i > first && first >= 0; i--) {
    const j = first + Math.floor(random() * (i - first + 1));
    [list[i], list[j]] = [list[j] as DnsRecord, list[i] as DnsRecord];
  }
  return list;
}
