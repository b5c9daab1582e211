import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import packet, { type DecodedPacket } from 'dns-packet';

/** A query as bytes, recursion desired. */
export function makeQuery(name: string, type: string, udpSize?: number): Buffer {
  return packet.encode({
    type: 'query',
    id: 4711,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: type as 'A', name }],
    ...(udpSize === undefined
      ? {}
      : {
          additionals: [{ type: 'OPT', name: '.', udpPayloadSize: udpSize, flags: 0, options: [] } as never],
        }),
  });
}

/** Sends bytes over UDP and gives the first answer. */
export function askUdp(port: number, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.on('message', (message) => socket.close(() => resolve(message)));
    socket.send(query, port, '127.0.0.1');
  });
}

/** Sends queries over one TCP connection, in pieces, and gives as many answers. */
export function askTcp(port: number, queries: readonly Buffer[]): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const answers: Buffer[] = [];
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        answers.push(received.subarray(2, end));
        received = received.subarray(end);
      }
      if (answers.length === queries.length) socket.end(() => resolve(answers));
    });
    const framed = queries.map((query) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      return Buffer.concat([length, query]);
    });
    const bytes = Buffer.concat(framed);
    socket.write(bytes.subarray(0, 3));
    socket.write(bytes.subarray(3));
  });
}

/** What matters of an answer: its code and records as `name type data`. */
export function summary(message: Buffer): { rcode: string; answers: string[]; truncated: boolean } {
  const decoded: DecodedPacket = packet.decode(message);
  const answers = (decoded.answers ?? []).map((r) => {
    const { name, type, data } = r as { name: string; type: string; data: unknown };
    return `${name} ${type} ${typeof data === 'string' ? data : JSON.stringify(data)}`;
  });
  return {
    rcode: (decoded as unknown as { rcode: string }).rcode,
    answers: answers.sort(),
    truncated: decoded.flag_tc,
  };
}
