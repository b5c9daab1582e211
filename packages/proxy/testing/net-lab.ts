import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { PeerAnswer, PeerRequest } from './net-peer.ts';

/** Why the lab cannot be built here; undefined when it can. */
export function labMissing(): string | undefined {
  if (process.platform !== 'linux') return 'not on Linux';
  if (process.getuid?.() !== 0) return 'not root';
  for (const program of ['ip', 'nft', 'conntrack', 'nsenter']) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`]);
    } catch {
      return `${program} is not installed`;
    }
  }
  return undefined;
}

/** One network namespace with a process in it that serves and asks. */
export class Peer {
  readonly address: string;
  readonly netns: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(netns: string, address: string) {
    this.netns = netns;
    this.address = address;
    const script = new URL('./net-peer.ts', import.meta.url).pathname;
    this.#process = spawn('nsenter', [`--net=${netns}`, process.execPath, script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async send(request: PeerRequest): Promise<PeerAnswer> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return JSON.parse((await this.#answers.next()).value as string) as PeerAnswer;
  }

  /** The name of whoever answers there, or the error. */
  async ask(host: string, port: number): Promise<string> {
    const answer = await this.send({ op: 'get', host, port });
    return answer.name ?? (answer.error as string);
  }

  async close(): Promise<void> {
    this.#process.stdin!.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

/**
 * A node in miniature: a namespace with a pod bridge, pods on it, and a client beyond a cable, as in
 *
 *     outside 10.99.0.2 --- node 10.99.0.1, bridge 10.244.1.1/24 --- pods 10.244.1.N
 */
export class NetLab {
  readonly node: Peer;
  readonly outside: Peer;
  readonly #prefix = `lab${process.pid}`;
  readonly #namespaces: string[] = [];
  readonly #peers: Peer[] = [];
  #pods = 0;

  constructor() {
    const node = this.#namespace('node');
    const outside = this.#namespace('out');
    this.#cable(node, 'eth0', outside, 'eth0');
    this.#ip(node, 'address add 10.99.0.1/24 dev eth0', 'link add cni0 type bridge');
    this.#ip(
      node,
      'address add 10.244.1.1/24 dev cni0',
      'link set cni0 up',
      'route add default via 10.99.0.2',
    );
    this.#ip(outside, 'address add 10.99.0.2/24 dev eth0', 'route add default via 10.99.0.1');
    const filterBridge =
      'f=/proc/sys/net/bridge/bridge-nf-call-iptables; if [ -e $f ]; then echo 1 > $f; fi; echo 1 > /proc/sys/net/ipv4/ip_forward';
    execFileSync('nsenter', [`--net=${node}`, 'sh', '-c', filterBridge]);
    this.node = this.#peer(node, '10.99.0.1');
    this.outside = this.#peer(outside, '10.99.0.2');
  }

  /** A pod with an address of its own; `servers` say their name on port 8080. */
  async pod(name?: string): Promise<Peer> {
    const number = ++this.#pods;
    const netns = this.#namespace(`p${number}`);
    const address = `10.244.1.${number + 1}`;
    this.#cable(this.node.netns, `veth${number}`, netns, 'eth0');
    // Hairpin as the CNI plugin sets it: a pod's own service sends frames back out of the port they came in by.
    this.#ip(
      this.node.netns,
      `link set veth${number} master cni0`,
      `link set veth${number} type bridge_slave hairpin on`,
    );
    this.#ip(netns, `address add ${address}/24 dev eth0`, 'route add default via 10.244.1.1');
    const pod = this.#peer(netns, address);
    if (name !== undefined) {
      await pod.send({ op: 'serve', port: 8080, name });
      await pod.send({ op: 'serve-udp', port: 5353, name });
    }
    return pod;
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.close()));
    for (const path of this.#namespaces) {
      execFileSync('umount', [path]);
      rmSync(path);
    }
  }

  #peer(netns: string, address: string): Peer {
    const peer = new Peer(netns, address);
    this.#peers.push(peer);
    return peer;
  }

  #namespace(name: string): string {
    const path = `/run/netns/${this.#prefix}-${name}`;
    mkdirSync('/run/netns', { recursive: true });
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'true']);
    this.#namespaces.push(path);
    this.#ip(path, 'link set lo up');
    return path;
  }

  #cable(a: string, nameA: string, b: string, nameB: string): void {
    const peer = b.slice(b.lastIndexOf('/') + 1);
    this.#ip(a, `link add ${nameA} type veth peer name ${nameB} netns ${peer}`, `link set ${nameA} up`);
    this.#ip(b, `link set ${nameB} up`);
  }

  #ip(netns: string, ...commands: string[]): void {
    execFileSync('nsenter', [`--net=${netns}`, 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }
}
